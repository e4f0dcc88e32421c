// Where a database is and how to get in, and what the caller may hear while it is opened.
#pragma once

#include "sqlgrey/base/choices.hpp"
#include "sqlgrey/base/time.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace sqlgrey::store {

using base::Database;
using base::Preparing;

// One server that may have the database.
struct Host {
    std::string name;  // or address, or a socket's directory (PostgreSQL) or file (MySQL): begins with '/'
    int port = 0;      // 0: the database's own default
};

// Which file a daemon's processes know under the name of their SQLite database: inode numbers, and a hash of
// the name. Lies in shared memory; all zero at the start.
struct SqliteFileRecord {
    std::atomic<std::uint64_t> name{0}, device{0}, database{0}, wal{0}, shm{0};
    std::atomic<std::uint64_t> reported{0};  // the database that the log has named last
};

// Where the database is and how to get in.
struct Target {
    Database database = Database::sqlite;
    std::string name;            // SQLite: the file
    std::vector<Host> hosts;     // tried in this order; empty: the client library's own default
    std::vector<Host> replicas;  // servers with a read-only copy, asked first; empty: none
    std::string user;
    std::string password;
    std::vector<std::pair<std::string, std::string>> options;  // TLS and others, passed through
    std::string synchronous = "normal";                        // SQLite
    // SQLite. Without it, a file that is replaced while nobody has it open goes unnoticed, and a damaged file
    // is not set aside.
    SqliteFileRecord* file_record = nullptr;
    Preparing preparing = Preparing::automatic;
    // Decides which of the duplicate rows that SQLgrey 1.8 left still count when they are merged.
    base::Seconds max_connect_age{std::chrono::hours{24}};
    bool read_only = false;               // a replica: looked up in, never migrated or written to
    base::Milliseconds time_limit{2000};  // longest time a visit may take, waiting and retries included
};

// For the log: "SQLite file /var/lib/sqlgrey/sqlgrey.db", "PostgreSQL database sqlgrey at db.example.net".
std::string described(const Target& target);

struct SchemaReport;  // schema_report.hpp

// Called while a session is opened, by the process that opens it. Either may be empty.
struct OnOpen {
    // This process has changed the tables, or tried to.
    std::function<void(const SchemaReport&)> schema{};
    // A line for the administrator: the SQLite file is not the one that was used before.
    std::function<void(const std::string&)> warning{};
};

}  // namespace sqlgrey::store
