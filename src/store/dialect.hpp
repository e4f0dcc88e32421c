// The words in which the three databases differ, and nothing else: statements exist once, in
// statements.cpp and sql/.
#pragma once

#include "prepared.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/store/sql_store.hpp"

#include <memory>
#include <string>
#include <string_view>
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

// How long a statement may wait for a lock, and whether somebody wants it to stop. Shared with
// the thread that interrupts.
struct Deadline;

// What a session is for: requests, which are bounded by Target::time_limit on the server's side too;
// migrations, which take as long as a large table takes; or a look at what is there, bounded as requests are,
// which changes nothing, not even the journal mode of a SQLite file.
enum class Purpose { requests, migrations, inspection };

// A column of a list of rows that a statement takes; time: a number that is to be a timestamp; pattern: a
// text, made by Dialect::pattern(), that the column is to match.
struct Column {
    enum class Is { text, number, time, pattern };
    const char* name;
    Is is = Is::text;
    bool is_text() const { return is == Is::text || is == Is::pattern; }
};
using Columns = std::vector<Column>;

// State of a session that outlives its connection; destroyed after it.
class SessionExtra {
  public:
    virtual ~SessionExtra() = default;
    // Why the last statement failed, where the database's own words would not tell; else empty.
    virtual std::string reason() const { return {}; }
    // Before each visit. Throws greylist::StoreUnavailable if the session is to be opened anew.
    virtual void check() {}
    // The session has proved that it can be used. Gives what the admin should know of it.
    virtual std::vector<std::string> in_use() { return {}; }
    // The connection is about to be closed; no statement is running.
    virtual void before_closing() noexcept {}
};

class Dialect {
  public:
    virtual ~Dialect() = default;

    // -- words -------------------------------------------------------------------------------
    // A timestamp column as whole seconds since 1970.
    virtual std::string seconds(const std::string& column) const = 0;
    // Seconds since 1970 (a parameter) as the column holds it.
    virtual std::string timestamp(const std::string& parameter) const = 0;
    // The column as log lines show it.
    virtual std::string shown(const std::string& column) const = 0;
    // The database's clock in seconds since 1970; empty: the caller's clock rules.
    virtual std::string now() const = 0;
    // "on conflict (<key>) do update set ", or the like.
    virtual std::string on_conflict(const std::string& key) const = 0;
    // In such an update: the value that was to be inserted.
    virtual std::string excluded(const std::string& column) const = 0;
    // "<column> matches <parameter>", where the parameter was made by pattern().
    virtual std::string matches(const std::string& column, const std::string& parameter) const = 0;
    // A deverped name as pattern: a '#' that is not the sender's own is any run of characters, all else is
    // itself.
    virtual std::string pattern(std::string_view deverped, mail::OwnHashes own_hashes) const = 0;

    // -- lists of rows -----------------------------------------------------------------------
    // A statement takes a list of rows as parameters, row by row and column by column. Each of these appends
    // to the statement's text; here the rows are written out.
    //
    // How many rows the statement has that takes so many: it runs until all are taken, and the last row fills
    // up the last run. 0: it takes any number.
    virtual std::size_t rows_of_statement(std::size_t rows) const = 0;
    // A query that gives the rows: n, 0 for the first, then the columns.
    virtual void rows(Sql& sql, const Columns& columns, std::size_t rows) const;
    // What follows the rows in a query: of each row that of the table, named `as`, for which `condition` is
    // true, or nulls. At most one is: the condition names the table's primary key.
    virtual std::string left_join_keys(const std::string& table, const std::string& as,
                                       const std::string& condition) const;
    // What follows "insert into <table>": the columns and the rows.
    virtual void values(Sql& sql, const Columns& columns, std::size_t rows) const;
    // What follows "update <table> set ..." or "delete from <table>": only where the columns are those of one
    // of the rows.
    virtual void where(Sql& sql, const std::string& table, const Columns& columns, std::size_t rows) const;
    // What follows "delete from <table>" for at most so many of the table's rows in one run.
    virtual void where_limited(Sql& sql, const std::string& table, const Columns& columns, std::size_t rows,
                               std::size_t most) const = 0;

    // -- session -----------------------------------------------------------------------------
    // Connects; bounded by the client library's own time-out, of 2 s. Throws soci::soci_error or
    // greylist::StoreUnavailable.
    virtual void connect(soci::session& session, const Target& target, Purpose purpose) const = 0;
    // True if connect() finds the one of several hosts that can be used; else it takes the first.
    virtual bool tries_all_hosts() const = 0;
    // Sets what must hold for all statements of the session. `deadline` outlives it, and so must what is
    // given.
    virtual std::shared_ptr<SessionExtra> configure_session(soci::session& session, const Target& target,
                                                            Purpose purpose, Deadline& deadline) const = 0;
    // Prepares a statement, over values that stay where they are. Throws soci::soci_error.
    virtual std::unique_ptr<Statement> prepare(soci::session& session, const std::string& text,
                                               Values& parameters, Values& columns) const;
    // Opens a transaction that writes.
    virtual std::string begin() const = 0;
    // A copy of the connection's socket, for interrupting; none on SQLite.
    virtual base::unique_fd socket(soci::session& session) const = 0;
    // `error` was thrown by connect() (then nothing is known but its words) or by a statement of `session`.
    virtual ErrorClass classify(const soci::soci_error& error, soci::session& session) const = 0;
    // The database's own words for it, on one line.
    virtual std::string message(const soci::soci_error& error, soci::session& session) const = 0;
    // True if a statement can be run over a list of no rows, which shows whether it may be run at all.
    virtual bool takes_empty_lists() const { return false; }
    // How long a statement waits for a lock, for the transaction that has just begun; empty: as the session's
    // Deadline says, or the server cannot be told so finely.
    virtual std::string limit_lock_wait(base::Milliseconds) const { return {}; }
    // A statement has failed, and the session may be used again: ends what is left of it.
    virtual void end_statements(soci::session&) const {}
    // After an error of class damaged: makes room for a new database, if this daemon has used the damaged
    // one. Gives the words for it, empty if nothing was done.
    virtual std::string set_aside_damaged(const Target&) const { return {}; }
    // True if a lock is on all of the database, so that nothing else can be written meanwhile.
    virtual bool locks_whole_database() const { return false; }

    // -- schema ------------------------------------------------------------------------------
    // Taken before and given back after the migrations, so that one daemon does them.
    virtual void lock_schema(soci::session& session) const = 0;
    virtual void unlock_schema(soci::session& session) const = 0;
    // True if all migrations are one transaction; else each statement stands alone and is safe to repeat.
    virtual bool schema_is_transactional() const = 0;
};

const Dialect& dialect_of(Database database);
const Dialect& sqlite_dialect();
const Dialect& postgresql_dialect();
const Dialect& mysql_dialect();

}  // namespace sqlgrey::store
