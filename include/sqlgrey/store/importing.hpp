// greylist::Importing over the tables.
#pragma once

#include "sqlgrey/greylist/importing.hpp"
#include "sqlgrey/store/sql_store.hpp"

#include <memory>

namespace sqlgrey::store {

enum class ImportMode {
    write,
    look_only  // says what would be written; makes neither a database nor its tables
};

// Brings the tables up to date first, unless it is only to look: then a database whose tables are not up to
// date is refused, and one that is not there (a SQLite file) holds nothing. For one thread. Waits longer for
// others' locks than the workers do, but each batch only for seconds. Throws greylist::StoreFailure.
std::unique_ptr<greylist::Importing> open_importing(const Target& target, ImportMode mode);

}  // namespace sqlgrey::store
