// PostgreSQL's words.
//
// The columns are `timestamp` without zone and hold the session's local time, as a Perl SQLgrey beside us
// writes and reads them. In the hour that comes twice when summer time ends, PostgreSQL takes such a time for
// the later of the two; what would then lie in the future is the earlier one.
#include "dialect.hpp"
#include "errors.hpp"
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

std::string names(const Columns& columns) {
    std::string list;
    for (const Column& column : columns) list += (list.empty() ? "" : ", ") + std::string{column.name};
    return list;
}

// "unnest(<arrays>) with ordinality as k(<columns>, n)": one statement for a list of any length, whose
// parameters are one array a column.
std::string arrays(Sql& sql, const Columns& columns) {
    std::string list;
    for (const Column& column : columns) {
        const bool is_text = column.is_text();
        list += (list.empty() ? "cast(" : ", cast(") + sql.parameter(is_text ? Kind::texts : Kind::numbers) +
                (is_text ? " as text[])" : " as bigint[])");
    }
    return "unnest(" + list + ") with ordinality as k(" + names(columns) + ", n)";
}

class Postgresql final : public Dialect {
  public:
    // date_part() and not extract(), which works with numerics.
    std::string seconds(const std::string& column) const override {
        const std::string local = "cast(" + column + " as timestamptz)";
        return "cast(floor(date_part('epoch', case when " + local + " > now() + interval '1 minute' then " +
               local + " - interval '1 hour' else " + local + " end)) as bigint)";
    }
    std::string timestamp(const std::string& parameter) const override {
        return "cast(to_timestamp(cast(" + parameter + " as bigint)) as timestamp)";
    }
    std::string shown(const std::string& column) const override { return "cast(" + column + " as text)"; }
    // A query of its own, so that it is worked out once a statement and not once a row.
    std::string now() const override { return "(select cast(floor(date_part('epoch', now())) as bigint))"; }
    std::string on_conflict(const std::string& key) const override {
        return "on conflict (" + key + ") do update set ";
    }
    std::string excluded(const std::string& column) const override { return "excluded." + column; }
    std::string matches(const std::string& column, const std::string& parameter) const override {
        return column + " like " + parameter + " escape '!'";
    }
    std::string pattern(std::string_view deverped, mail::OwnHashes own_hashes) const override {
        std::string like;
        mail::for_each_in_pattern(deverped, own_hashes, [&](char c, bool is_any_run) {
            if (c == '%' || c == '_' || c == '!') like += '!';
            like += is_any_run ? '%' : c;
        });
        return like;
    }
    std::size_t rows_of_statement(std::size_t) const override { return 0; }
    void rows(Sql& sql, const Columns& columns, std::size_t) const override {
        sql << "select n - 1 as n, " << names(columns) << " from " << arrays(sql, columns);
    }
    // A query for each row: a join is planned as a scan of the whole table if that was empty, or nearly, when
    // it was analysed last, and stays so while it grows. "offset 0" keeps it from being made a join.
    std::string left_join_keys(const std::string& table, const std::string& as,
                               const std::string& condition) const override {
        return "left join lateral (select * from " + table + " " + as + " where " + condition +
               " offset 0) " + as + " on true";
    }
    void values(Sql& sql, const Columns& columns, std::size_t) const override {
        sql << " (" << names(columns) << ")\nselect ";
        for (const Column& column : columns)
            sql << (&column == &columns.front() ? "" : ", ")
                << (column.is == Column::Is::time ? timestamp(column.name) : column.name);
        sql << "\nfrom " << arrays(sql, columns) << "\n";
    }
    void where(Sql& sql, const std::string& table, const Columns& columns, std::size_t) const override {
        by_ctid(sql, table, columns, "");
    }
    void where_limited(Sql& sql, const std::string& table, const Columns& columns, std::size_t,
                       std::size_t most) const override {
        by_ctid(sql, table, columns, " limit " + std::to_string(most));
    }

    void connect(soci::session& session, const Target& target, Purpose) const override {
        connect_postgresql(session, target);
    }
    bool tries_all_hosts() const override { return true; }
    std::shared_ptr<SessionExtra> configure_session(soci::session& session, const Target& target,
                                                    Purpose purpose, Deadline&) const override {
        PostgresqlSession& ours = postgresql_session(session);
        const std::string encoding = encoding_of_database(ours);
        if (ours.pooled)
            ours.local_settings = settings(target, purpose, encoding, "true");
        else
            session << settings(target, purpose, encoding, "false");
        return {};
    }
    std::unique_ptr<Statement> prepare(soci::session& session, const std::string& text, Values& parameters,
                                       Values& columns) const override {
        return postgresql_statement(postgresql_session(session), text, parameters, columns);
    }
    std::string begin() const override { return "begin"; }
    base::unique_fd socket(soci::session& session) const override {
        return base::unique_fd{
            ::fcntl(PQsocket(postgresql_session(session).connection.get()), F_DUPFD_CLOEXEC, 0)};
    }
    // By SQLSTATE (PostgreSQL's documentation, appendix A); a connection that is refused comes without one.
    ErrorClass classify(const soci::soci_error& error, soci::session&) const override {
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
    std::string message(const soci::soci_error& error, soci::session&) const override {
        return one_line(error.what());
    }
    bool takes_empty_lists() const override { return true; }
    std::string limit_lock_wait(base::Milliseconds limit) const override {
        return "set local lock_timeout = " + std::to_string(limit.count());
    }

    void lock_schema(soci::session& session) const override {
        session << "begin; " << postgresql_session(session).local_settings;
        session << "select pg_advisory_xact_lock(" << advisory_lock << ")";
    }
    void unlock_schema(soci::session& session) const override { session << "commit"; }
    bool schema_is_transactional() const override { return true; }

  private:
    // By where the rows lie (ctid), which is asked as the rows beside others are. They are locked in that
    // order, which is one for all workers. A row that another worker is changing may be left out: it has just
    // touched it, or put it anew.
    void by_ctid(Sql& sql, const std::string& table, const Columns& columns, const std::string& limit) const {
        sql << "\nwhere ctid = any(array(select t.ctid from " << arrays(sql, columns)
            << ", lateral (select ctid from " << table;
        for (const Column& column : columns) {
            const std::string ours = table + "." + column.name, asked = std::string{"k."} + column.name;
            sql << (&column == &columns.front() ? " where " : " and ")
                << (column.is == Column::Is::pattern ? matches(ours, asked) : ours + " = " + asked);
        }
        sql << " offset 0) t" << limit << "))";
    }
};

}  // namespace

const Dialect& postgresql_dialect() {
    static const Postgresql dialect;
    return dialect;
}

}  // namespace sqlgrey::store
