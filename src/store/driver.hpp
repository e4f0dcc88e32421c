// What one session needs of its database beyond SQL: connecting, preparing, errors, locks of the schema. One
// object a session; it holds what must outlive the connection, and goes after it.
#pragma once

#include "deadline.hpp"
#include "prepared.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/store/sql_store.hpp"

#include <memory>
#include <string>
#include <vector>

#include <soci/soci.h>

namespace sqlgrey::store {

// What an error of the database means for the caller. From `access` on they are greylist::StoreError.
enum class ErrorClass {
    retryable,    // deadlock, serialisation failure and their kind: the same transaction may succeed now
    locked,       // another transaction kept a row, a table or the file locked for too long
    unavailable,  // no server, connection lost, read-only, interrupted: may pass by itself
    access,       // wrong password, unknown database, missing right
    schema,       // missing table or column, a column of somebody else's that refuses our rows
    damaged,      // no database, or damaged pages
    full,         // disk or tablespace
    statement     // everything else that the database refuses
};

// What a session is for: requests, which are bounded by Target::time_limit on the server's side too;
// migrations, which take as long as a large table takes; or a look at what is there, bounded as requests are,
// which changes nothing, not even the journal mode of a SQLite file.
enum class Purpose { requests, migrations, inspection };

class Driver {
  public:
    explicit Driver(soci::session& session) : session_(session) {}
    virtual ~Driver() = default;
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    // -- opening and closing -------------------------------------------------------------------
    // Connects; bounded by the client library's own time-out, of 2 s. Throws soci::soci_error or
    // greylist::StoreUnavailable.
    virtual void connect(const Target& target, Purpose purpose) = 0;
    // Sets what must hold for all statements of the session; `deadline` outlives the connection. May be
    // called again after it has thrown.
    virtual void configure_session(const Target& target, Purpose purpose, Deadline& deadline) = 0;
    // A duplicate of the connection's socket, for interrupting; none on SQLite.
    virtual base::unique_fd socket() { return {}; }
    // The session has proved that it can be used. Gives what the admin should know of it.
    virtual std::vector<std::string> in_use() { return {}; }
    // Before each visit. Throws greylist::StoreUnavailable if the session is to be opened anew.
    virtual void check() {}
    // The connection is about to be closed; no statement is running.
    virtual void before_closing() noexcept {}

    // -- statements ------------------------------------------------------------------------------
    // Prepares a statement, over values that stay where they are. Throws soci::soci_error.
    virtual std::unique_ptr<Statement> prepare(const std::string& text, Values& parameters, Values& columns);
    // A statement has failed, and the session may be used again: ends what is left of it.
    virtual void end_statements() {}
    // True if a lock is on all of the database, so that nothing else can be written meanwhile.
    virtual bool locks_whole_database() const { return false; }

    // -- errors ----------------------------------------------------------------------------------
    // `error` was thrown by connect() (then nothing is known but its words) or by a statement.
    virtual ErrorClass classify(const soci::soci_error& error) = 0;
    // The database's own words for it, on one line.
    virtual std::string message(const soci::soci_error& error);
    // Why the last statement failed, where the database's own words would not tell; else empty.
    virtual std::string reason() const { return {}; }
    // After an error of class damaged: makes room for a new database, if this daemon has used the damaged
    // one. Gives the words for it, empty if nothing was done.
    virtual std::string set_aside_damaged(const Target&) { return {}; }

    // -- schema ----------------------------------------------------------------------------------
    // Taken before and given back after the tables are changed, so that one daemon does it.
    virtual void lock_schema() = 0;
    virtual void unlock_schema() = 0;
    // True if all changes of tables are one transaction; else each statement stands alone and is safe to
    // repeat.
    virtual bool schema_is_transactional() const = 0;

  protected:
    soci::session& session_;  // of the owner; connected by connect()
};

std::unique_ptr<Driver> make_driver(Database database, soci::session& session);
std::unique_ptr<Driver> sqlite_driver(soci::session& session);
std::unique_ptr<Driver> postgresql_driver(soci::session& session);
std::unique_ptr<Driver> mysql_driver(soci::session& session);

// True if Driver::connect() finds the one of several hosts that can be used (libpq does; SQLite has none);
// else it takes the first.
inline bool tries_all_hosts(Database database) {
    return database != Database::mysql;
}

}  // namespace sqlgrey::store
