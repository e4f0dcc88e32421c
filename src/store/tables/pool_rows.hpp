// Reading and writing rows of the tables pool and organisation. Within a visit.
#pragma once

#include "sqlgrey/greylist/store.hpp"
#include "tables.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sqlgrey::store {

// See greylist::Store. Only the parts_elsewhere() of `parts` are asked.
std::vector<greylist::FoundElsewhere> read_elsewhere(Session& session,
                                                     std::span<const greylist::Elsewhere> asked,
                                                     PartSet parts);
greylist::Pools read_pools(Session& session);

// See greylist::Cleaning.
std::vector<greylist::CountedPool> read_counted_pools(Session& session);
std::int64_t count_rows_of_pool(Session& session, const std::string& pool);
void write_counted_pools(Session& session, std::span<const greylist::CountedPool> pools);

}  // namespace sqlgrey::store
