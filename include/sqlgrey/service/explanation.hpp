// What would be decided about a request now, and why: the path of the daemon through lists, lookup and rules,
// with everything that each of them saw.
#pragma once

#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/policy/request.hpp"
#include "sqlgrey/service/rules.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::service {

// Points into the lists; valid as long as they are.
struct Explanation {
    std::vector<lists::Asked> lists;  // empty if the request is unusable or only its triplet is known
    std::string src;                  // as stored without privacy_key_file
    std::string src_reason;           // why that identity

    // For the rules; meaningless if a list or the request itself has decided.
    greylist::Triplet triplet;
    greylist::RequestFlags flags;
    std::optional<greylist::Facts> facts;  // none: the database was not asked
    std::vector<greylist::RuleReport> rules;

    greylist::Outcome outcome;  // an early retry has its id, whatever reply_id says
    policy::Reply reply;
    // The first second at which a retry passes, if this attempt is deferred with a row.
    std::optional<base::Time> retry_passes_at;
    bool training = false;  // the daemon replies dunno
};

// Only reads from `store`: nothing is written. Throws greylist::StoreFailure.
Explanation explain(const policy::Request& request, const lists::Lists& lists, const Rules& rules,
                    greylist::Store& store);

// The same for a row of `connect`: only rules are tried, because the client's address and name and the
// message are not known.
Explanation explain(const greylist::Triplet& waiting, const Rules& rules, greylist::Store& store);

// The triplet of a row of `connect`, completed by the deverped name and the recipient for the opt-in and
// opt-out tables, as precheck() makes them from a request.
greylist::Triplet completed(greylist::Triplet waiting, const Rules& rules);

}  // namespace sqlgrey::service
