// client_awl: how often a client was accepted after a retry.
#include "import_rows.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "table_sql.hpp"

#include <tuple>

namespace sqlgrey::store {
namespace {

using greylist::CountRetry;
using greylist::TouchClientAwl;

// The order in which bind_client_awl_row() binds them.
const Columns columns{{"src"},
                      {"passes", Column::Is::number},
                      {"last_counted", Column::Is::time},
                      {"first_seen", Column::Is::time},
                      {"last_seen", Column::Is::time}};

const auto key_of = [](const auto& change) { return std::tie(change.src); };

Sql insert(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into client_awl";
    dialect.rows.values(sql, columns, rows);
    sql << dialect.words.on_conflict("src");
    return sql;
}

// Parameters of each row: its columns; then twice: the time before which a row starts again, and the latest
// last_counted with which a retry counts. Two workers within an hour count one retry. The columns are set in
// this order because MySQL works from left to right, and sees the new values of those before. A last_counted
// in the future was left by a clock that was ahead.
Sql count_retry(const Dialect& dialect, const StatementKey& key) {
    const SqlWords& words = dialect.words;
    const auto time = [&](Sql& sql) { return words.timestamp(sql.parameter(Kind::number)); };
    const std::string ahead = "\n            or client_awl.last_counted > " + words.excluded("last_counted");
    Sql sql = insert(dialect, key.rows);
    sql << "\n    passes = case when client_awl.last_seen < " << time(sql) << " then 1";
    sql << "\n        when client_awl.last_counted <= " << time(sql) << ahead
        << "\n        then client_awl.passes + 1 else client_awl.passes end,";
    sql << "\n    last_counted = case when client_awl.last_seen < " << time(sql);
    sql << "\n            or client_awl.last_counted <= " << time(sql) << ahead << "\n        then "
        << words.excluded("last_counted") << " else client_awl.last_counted end,"
        << "\n    first_seen = client_awl.first_seen, last_seen = " << words.excluded("last_seen");
    return sql;
}

void write_counts(Session& session, std::span<const greylist::Change> changes) {
    const auto counts = each_once<CountRetry>(changes, key_of);
    const auto bind_row = [](Prepared& row, const CountRetry& count) {
        bind_client_awl_row(row, count.src, {1, count.now, count.now}, count.now);
    };
    run_over(session, StatementId::count_retry, counts, bind_row, [&](Prepared& statement) {
        const CountRetry& any = counts.front();
        for (int column = 0; column < 2; ++column)
            statement.bind(base::epoch(any.counts_since)).bind(base::epoch(any.now - greylist::retry_step));
    });
}

void write_touches(Session& session, std::span<const greylist::Change> changes) {
    run_touch(session, StatementId::touch_client_awl, each_once<TouchClientAwl>(changes, key_of),
              [](Prepared& row, const TouchClientAwl& touch) { row.bind(touch.src); });
}

void add_row(LookUpQuery& query) {
    query.column("a.passes");
    query.column(query.words().seconds("a.last_counted"));
    query.column(query.words().seconds("a.last_seen"));
    query.key("client");
    query.join("client_awl", "a", {{"src", query.behind_awl("k.client")}});
}

void read_row(LookUpRow& row, greylist::Known& known) {
    const auto passes = row.number();
    const auto last_counted = row.time(), last_seen = row.time();
    if (passes)
        known.client_awl = greylist::RetryCount{*passes, last_counted.value_or(base::at(0)),
                                                last_seen.value_or(base::at(0))};
}

// Parameter of a row: src. Columns: the row's number, passes, first_seen, last_seen.
Sql import_look_up(const Dialect& dialect, const StatementKey& key) {
    const SqlWords& words = dialect.words;
    Sql sql = with_keys(dialect, {{"src"}}, key.rows);
    sql << ", a.passes, " << words.seconds("a.first_seen") << ", " << words.seconds("a.last_seen")
        << "\nfrom k\n"
        << dialect.rows.left_join_keys("client_awl", "a", "a.src = k.src");
    sql.columns.assign(4, Kind::number);
    return sql;
}

// Parameters of each row: its columns; then the time since when rows count. Two imports of the same row leave
// the earlier first_seen, the later of the other times, and the larger passes that counts. passes is set
// first, because MySQL works from left to right, and would see the new last_seen otherwise.
Sql import_put(const Dialect& dialect, const StatementKey& key) {
    const SqlWords& words = dialect.words;
    Sql sql = insert(dialect, key.rows);
    const std::string counts_since = words.timestamp(sql.parameter(Kind::number));
    sql << "\n    passes = case when client_awl.last_seen >= " << counts_since
        << "\n            and client_awl.passes > " << words.excluded("passes")
        << "\n        then client_awl.passes else " << words.excluded("passes") << " end";
    sql << ",\n    " << pick(words, "client_awl", "last_counted", '>');
    sql << ",\n    " << pick(words, "client_awl", "first_seen", '<');
    sql << ",\n    " << pick(words, "client_awl", "last_seen", '>');
    return sql;
}

}  // namespace

void bind_client_awl_row(Prepared& row, std::string_view src, const greylist::RetryCount& retries,
                         base::Time first_seen) {
    row.bind(src).bind(retries.count).bind(base::epoch(retries.last_counted));
    row.bind(base::epoch(first_seen)).bind(base::epoch(retries.last_seen));
}

const Table& client_awl_table() {
    static const Table table{
        .statements = {{StatementId::count_retry, "count_retry", Use::decision, true, count_retry},
                       {StatementId::touch_client_awl, "touch_client_awl", Use::decision, true,
                        [](const Dialect& dialect, const StatementKey& key) {
                            return touch(dialect, "client_awl", {{"src"}}, key.rows);
                        }},
                       {StatementId::slice_end_client_awl, "slice_end_client_awl", Use::cleaning, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return slice_end(dialect, "client_awl", "last_seen");
                        }},
                       {StatementId::expire_client_awl, "expire_client_awl", Use::cleaning, false,
                        [](const Dialect& dialect, const StatementKey&) {
                            return expire(dialect, "client_awl", "last_seen");
                        }},
                       {StatementId::import_look_up_clients, "import_look_up_clients", Use::import, true,
                        import_look_up},
                       {StatementId::import_put_clients, "import_put_clients", Use::import, true,
                        import_put}},
        .parts = {{"client_awl",
                   [](const greylist::Policy& policy) { return policy.auto_whitelist_clients > 0; },
                   add_row,
                   read_row,
                   bind_counted_src,
                   {"client_awl"},
                   true}},
        .changes = {{ChangeOrder::touch_client_awl, index_of<TouchClientAwl>(), true, write_touches},
                    {ChangeOrder::count_retry, index_of<CountRetry>(), true, write_counts}}};
    return table;
}

}  // namespace sqlgrey::store
