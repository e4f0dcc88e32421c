// greylist::Importing over the tables.
#pragma once

#include "sqlgrey/greylist/importing.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>

namespace sqlgrey::store {

enum class ImportMode {
    write,
    look_only  // --dry-run: reports what would be written; makes neither a database nor tables
};

// Brings the tables up to date first. With look_only it does not: tables that are out of date are refused,
// and a SQLite file that does not exist counts as empty. For one thread. Each batch may wait up to 30 s for
// locks, which is longer than a worker waits, since no mail waits for an import. Throws
// greylist::StoreFailure.
std::unique_ptr<greylist::Importing> open_importing(const Target& target, ImportMode mode);

}  // namespace sqlgrey::store
