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

constexpr const char* advisory_lock = "7238442096319852921";  // any number that nobody else uses

// A Perl SQLgrey talks to a database in the encoding that this has, so the bytes of an address arrive as they
// are: in LATIN1, where a server would refuse a Cyrillic letter, and in SQL_ASCII, where it would refuse to
// hand out what is no UTF-8. Most databases have UTF8.
std::string encoding_of_database(const PostgresqlSession& session) {
    const char* encoding = PQparameterStatus(session.connection.get(), "server_encoding");
    return encoding ? encoding : "UTF8";
}

// A query that sets what must hold for all statements, for the session or (is_local "true") until the
// transaction ends.
std::string settings(const Target& target, Purpose purpose, const std::string& encoding,
                     const std::string& is_local) {
    // A backend that waits for a lock does not notice that its client has given up: without a limit of its
    // own it would wait on, and each attempt would leave one more behind.
    const std::string limit = std::to_string(purpose == Purpose::migrations ? 0 : target.time_limit.count());
    // A request does not wait as long for somebody else's transaction: a sixteenth of
    // Session::LockWait::usual, for Session::visit() tries again.
    const std::string lock_limit =
        std::to_string(purpose == Purpose::migrations ? 0 : (target.time_limit / 32).count());
    // A look-up of few keys in tables by their primary keys has one good plan whatever the tables' statistics
    // say, and planning it for each batch would cost more than running it. Nor does it depend on how few rows
    // a table had when it was planned. A bitmap would find all rows of a source before it gives the first.
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

// What the server says to a login that it refuses; in another language it is told as an outage.
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
    // By SQLSTATE (PostgreSQL's documentation, appendix A); a connection that is refused comes without one.
    ErrorClass classify(const soci::soci_error& error) override {
        const auto* native = dynamic_cast<const soci::postgresql_soci_error*>(&error);
        if (!native) return refusal(error.what());
        const std::string state = native->sqlstate();
        const auto is = [&state](std::initializer_list<std::string_view> states) {
            return std::ranges::any_of(states, [&](std::string_view one) { return state.starts_with(one); });
        };
        // A duplicate is a race for a row that a statement did not foresee.
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
