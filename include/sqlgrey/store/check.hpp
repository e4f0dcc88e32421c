// --check-database: what a start would do to a database, without doing it.
#pragma once

#include "sqlgrey/store/target.hpp"

#include <string>
#include <vector>

namespace sqlgrey::store {

struct DatabaseCheck {
    bool usable = true;                 // now, or once the start has changed what it would change
    std::vector<std::string> findings;  // what the database holds, and what the start would do
    std::vector<std::string> problems;  // why it cannot be used, and what to type
};

// Only reads: no table changes, no file is made, no lock is waited for. A query may take 30 s, because rows
// are counted. Does not throw greylist::StoreFailure; it becomes one of the problems.
DatabaseCheck check_database(const Target& target);

}  // namespace sqlgrey::store
