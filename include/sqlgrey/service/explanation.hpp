// What would be decided about a request now, and why: the daemon's own path through lists, lookup and rules,
// with all that each of them saw.
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

// Points into the lists that were asked.
struct Explanation {
    std::vector<lists::Asked> lists;  // none if the request is unusable, or only its triplet is known
    std::string src;                  // as the tables would hold it without privacy_key_file
    std::string src_reason;           // why that identity

    // Of the rules; without effect if a list or the request itself has decided.
    greylist::Triplet triplet;
    greylist::RequestFlags flags;
    std::optional<greylist::Facts> facts;  // none: the database was not asked
    std::vector<greylist::RuleReport> rules;

    greylist::Outcome outcome;  // with the id of an early retry, whatever reply_id says
    policy::Reply reply;
    // When a retry would pass, if this attempt is deferred with a row: the first second. None: it passes, is
    // refused, or nothing can be said.
    std::optional<base::Time> retry_passes_at;
    bool training = false;  // the reply is dunno all the same
};

// `store` is asked once and changes nothing: it is to ignore what it should remember. Throws
// greylist::StoreFailure.
Explanation explain(const policy::Request& request, const lists::Lists& lists, const Rules& rules,
                    greylist::Store& store);

// Of a row of `connect`, of which neither the client's address and name nor the message are known: only the
// rules are asked.
Explanation explain(const greylist::Triplet& waiting, const Rules& rules, greylist::Store& store);

// The triplet of a row of `connect` as a request makes it: with what stands in from_awl and in the opt-in
// tables.
greylist::Triplet completed(greylist::Triplet waiting, const Rules& rules);

}  // namespace sqlgrey::service
