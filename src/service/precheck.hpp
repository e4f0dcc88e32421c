// What can be said of a request before the database is asked.
#pragma once

#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/policy/request.hpp"
#include "sqlgrey/service/rules.hpp"

#include <optional>
#include <string>

namespace sqlgrey::service {

struct Precheck {
    enum Outcome {
        to_be_looked_up,
        not_a_policy_request,  // no policy request
        unusable,              // without client address or recipient
        whitelisted,
        blacklisted
    };
    Outcome outcome = to_be_looked_up;
    std::optional<lists::EntryRef> by;  // the entry of a list that had a say; lives as long as the lists
    greylist::Triplet triplet{};        // of what is to be looked up
    greylist::RequestFlags flags{};
    unsigned rule = 0;  // of discrimination.regexp, which marked the request; 0: none is on
};

// Pure: no clock, no log, no database (behaviour.md section 2, steps 1 to 4).
Precheck precheck(const policy::Request& request, const lists::Lists& lists, const Rules& rules);

}  // namespace sqlgrey::service
