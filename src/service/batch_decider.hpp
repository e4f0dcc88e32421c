// From what the rules are to decide to outcomes: two visits a batch. Knows nothing of outages.
#pragma once

#include "decision.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/service/rules.hpp"

#include <span>

namespace sqlgrey::service {

class BatchDecider {
  public:
    explicit BatchDecider(const Rules& rules) : rules_(rules) {}

    // Gives each an outcome as if one request had come after another, and returns after their rows are
    // committed; `rows_locked` where another transaction keeps a row locked. What is remembered of
    // their connections changes after the commit only, so a call that throws greylist::StoreFailure may be
    // repeated.
    void decide(greylist::Store& store, std::span<Decision* const> batch) const;

  private:
    const Rules& rules_;
};

}  // namespace sqlgrey::service
