// A session on PostgreSQL, its settings and its errors.
#include "driver.hpp"
#include "postgresql_session.hpp"
#include "postgresql_statement.hpp"

#include <algorithm>
#include <initializer_list>

#include <fcntl.h>
#include <soci/postgresql/soci-postgresql.h>

namespace sqlgrey::store {
namespace {

constexpr const char* advisory_lock = "7238442096319852921";  // random, so that nobody else uses it

// Like a Perl SQLgrey, we use the encoding of the database, so that it stores the bytes of an address as they
// are. With client_encoding UTF8 a database in LATIN1 would refuse a Cyrillic letter, and one in SQL_ASCII
// would not return text that is not UTF-8. Most databases are in UTF8.
std::string encoding_of_database(const PostgresqlSession& session) {
    const char* encoding = PQparameterStatus(session.connection.get(), "server_encoding");
    return encoding ? encoding : "UTF8";
}

// A query that makes the settings all statements need, for the session or, with is_local "true", for the
// transaction.
std::string settings(const Target& target, Purpose purpose, const std::string& encoding,
                     const std::string& is_local) {
    // A backend that waits for a lock does not notice that its client has gone. Without a limit it would go
    // on waiting, and each attempt would leave another such backend.
    const std::string limit = std::to_string(purpose == Purpose::migrations ? 0 : target.time_limit.count());
    // For a lock, a sixteenth of Session::LockWait::usual, because Session::visit() tries again.
    const std::string lock_limit =
        std::to_string(purpose == Purpose::migrations ? 0 : (target.time_limit / 32).count());
    // Finding a few keys by primary keys has one good plan, whatever the statistics say and however few rows
    // a table had when it was planned, and planning for each batch would cost more than running the
    // statement. A bitmap scan would find all rows of a source before it returned the first.
    const std::vector<std::pair<std::string, std::string>> values{{"client_encoding", encoding},
                                                                  {"statement_timeout", limit},
                                                                  {"lock_timeout", lock_limit},
                                                                  {"standard_conforming_strings", "on"},
                                                                  {"enable_seqscan", "off"},
                                                                  {"enable_bitmapscan", "off"},
                                                                  {"jit", "off"},
                                                                  {"plan_cache_mode", "force_generic_plan"}};
    std::string query;
    for (const auto& [name, value] : values)
        query += (query.empty() ? "select set_config('" : ", set_config('") + name + "', '" + value + "', " +
                 is_local + ")";
    return query;
}

// By the server's English message for a refused login. In another language the refusal is taken for an
// outage.
ErrorClass refusal(std::string_view words) {
    const auto says = [words](std::string_view sign) { return words.find(sign) != std::string_view::npos; };
    const bool refused = says("password authentication failed") || says("no password supplied") ||
                         says("authentication failed") || says("pg_hba.conf") ||
                         says("not permitted to log in") || says("permission denied") ||
                         (says("does not exist") && (says("database \"") || says("role \"")));
    return refused ? ErrorClass::access : ErrorClass::unavailable;
}

class PostgresqlDriver final : public Driver {
  public:
    using Driver::Driver;

    void connect(const Target& target, Purpose) override { connect_postgresql(session_, target); }
    void configure_session(const Target& target, Purpose purpose, Deadline&) override {
        PostgresqlSession& ours = postgresql_session(session_);
        const std::string encoding = encoding_of_database(ours);
        if (ours.pooled)
            ours.local_settings = settings(target, purpose, encoding, "true");
        else
            session_ << settings(target, purpose, encoding, "false");
    }
    std::unique_ptr<Statement> prepare(const std::string& text, Values& parameters,
                                       Values& columns) override {
        return postgresql_statement(postgresql_session(session_), text, parameters, columns);
    }
    base::unique_fd socket() override {
        return base::unique_fd{
            ::fcntl(PQsocket(postgresql_session(session_).connection.get()), F_DUPFD_CLOEXEC, 0)};
    }
    // By SQLSTATE (PostgreSQL's documentation, appendix A), which a refused connection does not have.
    ErrorClass classify(const soci::soci_error& error) override {
        const auto* native = dynamic_cast<const soci::postgresql_soci_error*>(&error);
        if (!native) return refusal(error.what());
        const std::string state = native->sqlstate();
        const auto is = [&state](std::initializer_list<std::string_view> states) {
            return std::ranges::any_of(states, [&](std::string_view one) { return state.starts_with(one); });
        };
        // A duplicate key (23505) means that another session has inserted the row meanwhile.
        if (is({"40001", "40P01", "23505"})) return ErrorClass::retryable;
        if (is({"55P03"})) return ErrorClass::locked;
        if (is({"28", "3D000", "42501"})) return ErrorClass::access;
        if (is({"42P01", "42703", "42P10", "3F000", "23502", "23514"})) return ErrorClass::schema;
        if (is({"XX001", "XX002"})) return ErrorClass::damaged;
        if (is({"53100"})) return ErrorClass::full;
        if (is({"22", "23", "42"})) return ErrorClass::statement;
        return ErrorClass::unavailable;
    }

    void lock_schema() override {
        session_ << "begin; " << postgresql_session(session_).local_settings;
        session_ << "select pg_advisory_xact_lock(" << advisory_lock << ")";
    }
    void unlock_schema() override { session_ << "commit"; }
    bool schema_is_transactional() const override { return true; }
};

}  // namespace

std::unique_ptr<Driver> postgresql_driver(soci::session& session) {
    return std::make_unique<PostgresqlDriver>(session);
}

}  // namespace sqlgrey::store
