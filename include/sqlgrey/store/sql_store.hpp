// The Store in SQL, on SQLite, PostgreSQL and MySQL/MariaDB through SOCI.
//
// Opening one connects and brings the schema up to date; it is done after a fork, in the process that uses
// it. A store that has thrown StoreFailure is to be destroyed and opened anew.
#pragma once

#include "sqlgrey/base/choices.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/store.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
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

// Which file the processes of a daemon use under the name of their SQLite database: inode numbers, and a hash
// of the name. Lives in memory that they share, zero at the beginning.
struct SqliteFileRecord {
    std::atomic<std::uint64_t> name{0}, device{0}, database{0}, wal{0}, shm{0};
    std::atomic<std::uint64_t> reported{0};  // the database whose use the admin knows of
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
    // SQLite: null if other processes do not matter; then a file that was replaced while nobody had it open
    // is not noticed, and a damaged one is not set aside.
    SqliteFileRecord* file_record = nullptr;
    Preparing preparing = Preparing::automatic;
    // Which of the duplicates that Perl left still count, when they are merged.
    base::Seconds max_connect_age{std::chrono::hours{24}};
    bool read_only = false;               // a replica: look_up() only, neither migrated nor written to
    base::Milliseconds time_limit{2000};  // how long one visit may wait for locks, retries included
};

// For the log: "SQLite file /var/lib/sqlgrey/sqlgrey.db", "PostgreSQL database sqlgrey at db.example.net".
std::string described(const Target& target);

struct SchemaReport;  // schema_report.hpp

// Both halves of what the decision and the cleaning need, over one database session. Not for two threads at
// once, but for interrupt().
class SqlStore : public greylist::Store, public greylist::Cleaning {
  public:
    // What the admin should know of its opening: that the SQLite file is another one than before.
    virtual std::vector<std::string> warnings() const { return {}; }
};

// Opens the store that the workers use; bounded by Target::time_limit a step, but for migrations.
// Connects, makes or migrates the schema (one winner among all that try at once; the others wait) and proves
// that a row can be written. `clock` overrides the database's clock; null: PostgreSQL's and MySQL's own clock
// rules, and on SQLite the system's. `tell` is called by the winner, when it has done something to the
// tables. Throws greylist::StoreFailure.
std::unique_ptr<SqlStore> open_store(const Target& target, const base::Clock* clock = nullptr,
                                     const std::function<void(const SchemaReport&)>& tell = {});

// The SQL that makes the schema from nothing, as --print-schema shows it.
std::string schema_text(Database database);

}  // namespace sqlgrey::store
