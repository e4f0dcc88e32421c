// One request of a batch, and what is decided of it.
#pragma once

#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/policy/attempt.hpp"
#include "sqlgrey/policy/request_handler.hpp"

#include <optional>
#include <utility>

namespace sqlgrey::service {

// Points into the request, and its outcome into the lists that were asked.
struct Decision {
    const policy::PendingRequest* pending;
    policy::Attempt attempt{};
    std::optional<greylist::Outcome> outcome{};  // none: the rules are to decide

    // For the rules.
    greylist::Triplet triplet{};
    greylist::RequestFlags flags{};
    unsigned discrimination_rule = 0;
    std::optional<lists::EntryRef> entry{};  // that forbids auto-white-listing

    void settle(greylist::Outcome by) {
        outcome = std::move(by);
        outcome->discrimination_rule = discrimination_rule;
        outcome->entry = entry;
    }
};

}  // namespace sqlgrey::service
