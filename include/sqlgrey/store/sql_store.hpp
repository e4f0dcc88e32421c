// greylist::Store in SQL, on SQLite, PostgreSQL and MySQL/MariaDB, through SOCI.
#pragma once

#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>
#include <string>

namespace sqlgrey::store {

// Connects, makes or migrates the tables (of several processes at once, one does that and the others wait),
// checks the statements that decisions need, and writes a row to prove that it can. Each step takes
// Target::time_limit at most, except migrations, which have no limit. `clock` replaces the database's clock;
// without it PostgreSQL and MySQL use their own, and SQLite the system's. Throws greylist::StoreFailure.
//
// Open a store after the fork, in the process that uses it. For one thread at a time; interrupt() may be
// called from any. After StoreFailure destroy it and open another.
std::unique_ptr<greylist::Store> open_store(const Target& target, const base::Clock* clock = nullptr,
                                            const OnOpen& on_open = {});

// The SQL that makes the tables in an empty database, as --print-schema prints it. For any thread.
std::string schema_text(Database database);

}  // namespace sqlgrey::store
