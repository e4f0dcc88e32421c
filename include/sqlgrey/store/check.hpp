// What a start would do with a database, without doing it.
#pragma once

#include "sqlgrey/store/sql_store.hpp"

#include <string>
#include <vector>

namespace sqlgrey::store {

struct DatabaseCheck {
    bool usable = true;                 // as it is, or after what the start would do
    std::vector<std::string> findings;  // what it has, and what would be done
    std::vector<std::string> problems;  // why it cannot be used, and what to type
};

// Connects and reads; changes nothing, makes no file, waits for nobody's lock. Bounded by 30 s a query: it
// counts rows. Never throws greylist::StoreFailure: that is a problem.
DatabaseCheck check_database(const Target& target);

}  // namespace sqlgrey::store
