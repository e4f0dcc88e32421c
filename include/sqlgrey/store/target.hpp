// Where the database is, how to log in, and what is called while it is opened.
#pragma once

#include "sqlgrey/base/choices.hpp"
#include "sqlgrey/base/time.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sqlgrey::store {

using base::Database;
using base::Preparing;

// One of the servers of a database.
struct Host {
    std::string name;  // or address; with '/' in front a socket's directory (PostgreSQL) or file (MySQL)
    int port = 0;      // 0: the database's default
};

// The files that the processes of a daemon last used as their SQLite database: device and inode numbers, and
// a hash of the name. In shared memory; all zero at the start.
struct SqliteFileRecord {
    std::atomic<std::uint64_t> name{0}, device{0}, database{0}, wal{0}, shm{0};
    std::atomic<std::uint64_t> reported{0};  // the database that was reported last
};

struct Target {
    Database database = Database::sqlite;
    std::string name;            // SQLite: the file
    std::vector<Host> hosts;     // tried in this order; empty: the client library's default
    std::vector<Host> replicas;  // servers with a read-only copy, asked first; empty: none
    std::string user;
    std::string password;
    std::vector<std::pair<std::string, std::string>> options;  // TLS and others, as in db_dsn
    std::string synchronous = "normal";                        // SQLite
    // SQLite. If null, a file that is replaced while nobody has it open goes unnoticed, and a damaged file is
    // not set aside.
    SqliteFileRecord* file_record = nullptr;
    // Facts of sources for which it is true (greylist::Fact) do not count in decisions. Called for each such
    // row, by the thread that uses the store. Empty: all count.
    std::function<bool(std::string_view source)> is_doubted{};
    Preparing preparing = Preparing::automatic;
    // When duplicate rows of SQLgrey 1.8 are merged, those older than this no longer count.
    base::Seconds max_connect_age{std::chrono::hours{24}};
    bool read_only = false;               // never migrated or written to, as a replica
    base::Milliseconds time_limit{2000};  // for a visit, with waiting and retries
};

// For the log: "SQLite file /var/lib/sqlgrey/sqlgrey.db", "PostgreSQL database sqlgrey at db.example.net".
std::string described(const Target& target);

struct SchemaReport;  // schema_report.hpp

// Called by the function that opens the database, in its thread. Either may be empty.
struct OnOpen {
    // This process has changed the tables, or has tried to.
    std::function<void(const SchemaReport&)> schema{};
    // A line for the log: the SQLite file is not the one that was used before.
    std::function<void(const std::string&)> warning{};
};

}  // namespace sqlgrey::store
