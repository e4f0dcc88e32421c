// One request of a batch, and what is decided of it.
#pragma once

#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/policy/attempt.hpp"
#include "sqlgrey/policy/request_handler.hpp"

#include <optional>
#include <string>
#include <utility>

namespace sqlgrey::service {

// Points into the request, and its outcome into the lists that were asked.
struct Decision {
    const policy::PendingRequest* pending;
    policy::Attempt attempt{};
    std::optional<greylist::Outcome> outcome{};  // none: the rules are to decide

    // For the rules. The triplet's src is the identity that its rows stand under: one of these two, or that
    // of a pool that the client's network is remembered as.
    std::string client{};  // as greymethod says
    std::string pool{};    // empty: in none, or pools are off
    greylist::Triplet triplet{};
    greylist::RequestFlags flags{};
    greylist::Known known{};  // what they saw, under all identities of the client
    unsigned discrimination_rule = 0;
    std::optional<lists::EntryRef> entry{};  // that forbids auto-whitelisting

    void settle(greylist::Outcome by) {
        outcome = std::move(by);
        outcome->discrimination_rule = discrimination_rule;
        outcome->entry = entry;
    }
};

}  // namespace sqlgrey::service
