// greylist::FactStore in SQL, for the resolver child.
#pragma once

#include "sqlgrey/greylist/fact_store.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>

namespace sqlgrey::store {

// Connects, and makes the tables fact and spf_network if they are missing; no replica is used. `clock`
// replaces the database's, as for open_store(). Each call takes Target::time_limit at most. Throws
// greylist::StoreUnavailable if no session can be opened, for whatever reason; StoreError if the tables
// cannot be made or used, which stops nothing else: decisions know no facts then. After
// greylist::StoreFailure destroy it and open another. For one thread.
std::unique_ptr<greylist::FactStore> open_facts(const Target& target, const base::Clock* clock = nullptr,
                                                const OnOpen& on_open = {});

}  // namespace sqlgrey::store
