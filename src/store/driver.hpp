// What a session needs from its database besides SQL: connecting, preparing, errors, the lock on the schema.
// Each session has one, which is destroyed after the connection and holds what must outlive it.
#pragma once

#include "deadline.hpp"
#include "prepared.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>
#include <string>
#include <vector>

#include <soci/soci.h>

namespace sqlgrey::store {

// What a database error means to the caller. `access` and those after it become greylist::StoreError.
enum class ErrorClass {
    retryable,    // deadlock, serialisation failure: the same transaction may succeed at once
    locked,       // another transaction held its lock on a row, a table or the file for too long
    unavailable,  // no server, connection lost, read-only, interrupted: may pass by itself
    access,       // wrong password, unknown database, missing right
    schema,       // missing table or column, or an added column that must have a value
    damaged,      // the file is no database, or has damaged pages
    full,         // the disk or tablespace is full
    statement     // anything else that the database refuses
};

// What a session is for. requests: the server, too, ends a statement after Target::time_limit. migrations: no
// limit, because a large table may take long. inspection: the limit of requests, and nothing is changed, not
// even the journal mode of a SQLite file.
enum class Purpose { requests, migrations, inspection };

class Driver {
  public:
    explicit Driver(soci::session& session) : session_(session) {}
    virtual ~Driver() = default;
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    // -- opening and closing -------------------------------------------------------------------
    // Connects, within 2 s (the client library's timeout). Throws soci::soci_error or
    // greylist::StoreUnavailable.
    virtual void connect(const Target& target, Purpose purpose) = 0;
    // Sets up the session. `deadline` outlives the connection. May be called again after it has thrown.
    virtual void configure_session(const Target& target, Purpose purpose, Deadline& deadline) = 0;
    // A duplicate of the connection's socket, for interrupting; none on SQLite.
    virtual base::unique_fd socket() { return {}; }
    // Called when the session has proved usable. Returns warnings for the log.
    virtual std::vector<std::string> in_use() { return {}; }
    // Called before each visit. Throws greylist::StoreUnavailable if another session must be opened.
    virtual void check() {}
    // Called before the connection is closed; no statement is running.
    virtual void before_closing() noexcept {}

    // -- statements ------------------------------------------------------------------------------
    // Prepares a statement. The values must not move afterwards. Throws soci::soci_error.
    virtual std::unique_ptr<Statement> prepare(const std::string& text, Values& parameters, Values& columns);
    // Called after a statement has failed, before the session is used again: resets all statements.
    virtual void end_statements() {}
    // True if a write locks the whole database.
    virtual bool locks_whole_database() const { return false; }

    // -- errors ----------------------------------------------------------------------------------
    // `error` was thrown by connect(), and then only its text is known, or by a statement.
    virtual ErrorClass classify(const soci::soci_error& error) = 0;
    // The database's error message, on one line.
    virtual std::string message(const soci::soci_error& error);
    // Why the last statement failed, where the database's message does not say; else empty.
    virtual std::string reason() const { return {}; }
    // After an error of class damaged: renames the file, if this daemon has used it, so that a new database
    // can be made. Returns a text for the log, empty if nothing was done.
    virtual std::string set_aside_damaged(const Target&) { return {}; }

    // -- schema ----------------------------------------------------------------------------------
    // Taken before the tables are changed and released afterwards, so that only one daemon changes them.
    virtual void lock_schema() = 0;
    virtual void unlock_schema() = 0;
    // True if all changes of tables are one transaction. If not, each statement can be repeated safely.
    virtual bool schema_is_transactional() const = 0;

  protected:
    soci::session& session_;  // of the owner; connected by connect()
};

std::unique_ptr<Driver> make_driver(Database database, soci::session& session);
std::unique_ptr<Driver> sqlite_driver(soci::session& session);
std::unique_ptr<Driver> postgresql_driver(soci::session& session);
std::unique_ptr<Driver> mysql_driver(soci::session& session);

// True if Driver::connect() itself tries several hosts until one can be used (libpq does; SQLite has none).
// If not, it takes the first.
inline bool tries_all_hosts(Database database) {
    return database != Database::mysql;
}

}  // namespace sqlgrey::store
