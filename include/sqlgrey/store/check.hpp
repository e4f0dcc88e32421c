// --check-database: what a start would do to a database, without doing it.
#pragma once

#include "sqlgrey/store/target.hpp"

#include <string>
#include <vector>

namespace sqlgrey::store {

struct DatabaseCheck {
    bool usable = true;                 // now, or after the changes that a start would make
    std::vector<std::string> findings;  // what the database holds, and what the start would do
    std::vector<std::string> problems;  // why it cannot be used, and what to type
};

// Only reads: changes no table, makes no file, waits for no lock. Counting rows may take 30 s. Does not throw
// greylist::StoreFailure, which becomes a problem instead.
DatabaseCheck check_database(const Target& target);

}  // namespace sqlgrey::store
