// From what needs the database to decisions: two visits a batch. Knows nothing of outages.
#pragma once

#include "precheck.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/policy/request_handler.hpp"
#include "sqlgrey/service/rules.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace sqlgrey::service {

// One request that the database must be asked about.
struct Case {
    std::size_t index;  // in the batch
    const policy::PendingRequest* item;
    Precheck checked;
    // None: somebody else's transaction keeps its rows locked, and the failure policy is to answer.
    std::optional<greylist::Decision> decision{};

    const greylist::Triplet& triplet() const { return checked.triplet; }
};

class BatchDecider {
  public:
    explicit BatchDecider(const Rules& rules) : rules_(rules) {}

    // Decides the cases as if one request had come after another, and returns after their rows are committed.
    // What is remembered of their connections (ConnectionState) changes after the commit only, so a call that
    // throws greylist::StoreFailure may be repeated.
    void decide(greylist::Store& store, std::vector<Case>& cases) const;

  private:
    const Rules& rules_;
};

}  // namespace sqlgrey::service
