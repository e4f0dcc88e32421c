// How a connection to a SQLite file waits for the locks of others: SQLite's own way backs off up to 100 ms
// and can starve a process that meets busy ones.
#pragma once

#include "deadline.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace sqlgrey::store {

// From now on the connection waits for less than a millisecond at a time, until `deadline` is over. It must
// outlive the connection.
void install_busy_handler(Deadline& deadline, sqlite_api::sqlite3* connection);

}  // namespace sqlgrey::store
