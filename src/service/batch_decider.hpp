// Decides the requests of a batch that lists leave to the rules, in two visits. Does not know outages.
#pragma once

#include "decision.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/service/rules.hpp"

#include <span>

namespace sqlgrey::service {

class BatchDecider {
  public:
    explicit BatchDecider(const Rules& rules) : rules_(rules) {}

    // Sets the outcome of each as if the requests had come one after another, and returns after their rows
    // are committed; the outcome is `rows_locked` if another transaction keeps a row locked, and none if the
    // request is held (is_to_be_held()), which then has no effect on anything. The state of the
    // connections changes only after the commit, so a call that throws greylist::StoreFailure may be
    // repeated. One thread at a time.
    void decide(greylist::Store& store, std::span<Decision* const> batch) const;

  private:
    const Rules& rules_;
};

}  // namespace sqlgrey::service
