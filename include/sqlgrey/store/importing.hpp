// greylist::Importing in SQL.
#pragma once

#include "sqlgrey/greylist/importing.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>

namespace sqlgrey::store {

enum class ImportMode {
    write,
    look_only  // --dry-run: reports what would be written; makes neither a database nor tables
};

// Brings the tables up to date first. look_only does not: it refuses tables that are out of date, and takes a
// SQLite file that does not exist for an empty one. A batch may wait 30 s for locks, longer than a worker,
// because no mail waits for an import. For one thread. Throws greylist::StoreFailure.
std::unique_ptr<greylist::Importing> open_importing(const Target& target, ImportMode mode);

}  // namespace sqlgrey::store
