// A connection to PostgreSQL as SOCI's session uses it: any value may stand in the connection string, all
// that is asked behind the login is bounded, and it is known whether a connection pooler (PgBouncer and its
// kin) stands between. SOCI's own does none of it: it takes the string apart at blanks, and sends a query
// behind the login
// ("set extra_float_digits") that nobody can interrupt while a pooler keeps it waiting, 2 minutes by default.
//
// A pooler in transaction mode gives each transaction whichever of its server connections is free. What one
// client prepares or sets for the session is then found by another: "prepared statement already exists", or,
// worse, another statement under that name. So behind a pooler nothing is left in the session, whatever its
// mode.
#pragma once

#include "sqlgrey/store/sql_store.hpp"

#include <memory>
#include <string>

#include <libpq-fe.h>
#include <soci/soci.h>

namespace sqlgrey::store {

struct PostgresqlFree {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresqlConnection = std::unique_ptr<PGconn, PostgresqlFree>;
using PostgresqlResult = std::unique_ptr<PGresult, PostgresqlFree>;

// Through SOCI it takes texts without parameters and reads single numbers and texts of their first row; all
// else is postgresql_statement()'s.
struct PostgresqlSession final : soci::details::session_backend {
    // Connects. Throws soci::soci_error.
    explicit PostgresqlSession(const std::string& connect_string);

    bool is_connected() override;
    void begin() override { run("begin"); }
    void commit() override { run("commit"); }
    void rollback() override { run("rollback"); }
    std::string get_dummy_from_table() const override { return {}; }
    std::string get_backend_name() const override { return "postgresql"; }
    soci::details::statement_backend* make_statement_backend() override;
    soci::details::rowid_backend* make_rowid_backend() override;
    soci::details::blob_backend* make_blob_backend() override;

    // Runs a text without parameters. Throws soci::postgresql_soci_error.
    PostgresqlResult run(const std::string& text);

    PostgresqlConnection connection;
    bool pooled = false;   // other clients may use the same server connection
    bool prepares = true;  // statements are prepared on the server, by name
    int prepared = 0;      // so many have been
    std::string
        local_settings;  // a query that sets what must hold for one transaction; empty: the session has it
};

// Opens the session, and finds out whether it is pooled and whether it prepares. Bounded by 2 s for the login
// and the target's time limit for the questions behind it. Throws soci::soci_error, and
// greylist::StoreFailure where no answer comes.
void connect_postgresql(soci::session& session, const Target& target);

// Of a session that connect_postgresql() has opened.
PostgresqlSession& postgresql_session(soci::session& session);

// Throws soci::postgresql_soci_error, with the server's words, if the result is an error or there is none.
void check(const PGconn* connection, const PGresult* result);

}  // namespace sqlgrey::store
