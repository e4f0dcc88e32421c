// One request of a batch and its decision.
#pragma once

#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/policy/attempt.hpp"
#include "sqlgrey/policy/request_handler.hpp"

#include <optional>
#include <string>
#include <utility>

namespace sqlgrey::service {

// Points into the request; the outcome points into the lists.
struct Decision {
    const policy::PendingRequest* pending;
    policy::Attempt attempt{};
    std::optional<greylist::Outcome> outcome{};  // none: left to the rules; behind those, held

    // For the rules. The triplet's src is the identity of its rows: one of these two, or the pool that the
    // client's network is remembered for.
    std::string client{};  // identity by greymethod
    std::string pool{};    // identity of the client's pool; empty: none, or pools are off
    greylist::Triplet triplet{};
    greylist::RequestFlags flags{};
    greylist::Known known{};  // under all identities of the client
    unsigned discrimination_rule = 0;
    std::optional<lists::EntryRef> entry{};  // decided, or forbids auto-whitelisting

    // Rules or lists look at what p0f says, and what a list decided when that was known.
    const lists::Lists* lists = nullptr;  // null: none do
    std::optional<greylist::Verdict> by_list{};
    bool entry_by_p0f = false;  // `entry` was found then

    // targrey: Postfix asks once more when all recipients of a message are accepted (protocol_state=DATA).
    bool after_recipients = false;

    void settle(greylist::Outcome by) {
        outcome = std::move(by);
        outcome->discrimination_rule = discrimination_rule;
        outcome->entry = entry;
    }
};

}  // namespace sqlgrey::service
