// A connection to PostgreSQL for SOCI's session. SOCI's own splits the connection string at blanks, so some
// values cannot be given, and after the login it sends a query ("set extra_float_digits") that cannot be
// interrupted while a pooler makes it wait, 2 minutes by default. Ours takes any value, limits the time of
// its queries, and finds out whether there is a connection pooler such as PgBouncer.
//
// In transaction mode a pooler gives each transaction any server connection that is free. What one client
// prepares or sets for the session, another finds there: "prepared statement already exists" or, worse,
// a different statement of that name. So with a pooler, whatever its mode, nothing is left in the session.
#pragma once

#include "sqlgrey/store/target.hpp"

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

// SOCI can run texts without parameters over it, and read numbers and texts of the first row. Everything else
// is done by postgresql_statement().
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

    // Runs SQL without parameters. Throws soci::postgresql_soci_error.
    PostgresqlResult run(const std::string& text);

    PostgresqlConnection connection;
    bool pooled = false;   // there is a pooler: other clients may use the same server connection
    bool prepares = true;  // statements are prepared on the server, by name
    int prepared = 0;      // how many
    std::string
        local_settings;  // a query that sets what must hold for one transaction; empty: the session has it
};

// Opens the session, and finds out whether there is a pooler and whether statements are prepared. The login
// takes 2 s at most, the queries after it the target's time limit. Throws soci::soci_error, and
// greylist::StoreFailure if no answer comes.
void connect_postgresql(soci::session& session, const Target& target);

// The session must have been opened by connect_postgresql().
PostgresqlSession& postgresql_session(soci::session& session);

// Throws soci::postgresql_soci_error, with the server's message, if the result is an error or null.
void check(const PGconn* connection, const PGresult* result);

}  // namespace sqlgrey::store
