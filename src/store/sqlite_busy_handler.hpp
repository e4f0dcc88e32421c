// How a connection to a SQLite file waits for locks. SQLite's own handler sleeps up to 100 ms between
// attempts, so a process may never get the lock while others are busy.
#pragma once

#include "deadline.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace sqlgrey::store {

// Makes the connection try again at intervals of less than 1 ms until `deadline` has passed. The deadline
// must outlive the connection.
void install_busy_handler(Deadline& deadline, sqlite_api::sqlite3* connection);

}  // namespace sqlgrey::store
