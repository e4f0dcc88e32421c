// greylist::Cleaning in SQL, for the maintenance.
#pragma once

#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>

namespace sqlgrey::store {

// Connects and makes the tables as open_store() does, with the same limits and clock, but uses no replica.
// The first claim() checks the statements of the cleaning, so that a wrong one shows within seconds of the
// start and not when the first row expires. Each call takes 5 s at most. Throws greylist::StoreFailure; then
// destroy it and open another. For one thread.
std::unique_ptr<greylist::Cleaning> open_cleaning(const Target& target, const base::Clock* clock = nullptr,
                                                  const OnOpen& on_open = {});

}  // namespace sqlgrey::store
