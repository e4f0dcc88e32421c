// daily, daily_delay: what daemons count on a day. Each row is written by one daemon only, every few minutes.
#include "daily_rows.hpp"
#include "table_sql.hpp"

namespace sqlgrey::store {
namespace {

using greylist::DailyCounts;

const Columns count_columns{
    {"day"}, {"host"}, {"name"}, {"run", Column::Is::number}, {"count", Column::Is::number}};
const Columns delay_columns{{"day"},
                            {"host"},
                            {"up_to", Column::Is::number},
                            {"run", Column::Is::number},
                            {"count", Column::Is::number}};

// Parameters of each row: its columns. The greater count stays, because a daemon's counts only grow.
Sql put(const Dialect& dialect, const char* table, const Columns& columns, std::size_t rows) {
    Sql sql;
    sql << "insert into " << table;
    dialect.rows.values(sql, columns, rows);
    const std::string key = std::string{columns[0].name} + ", " + columns[1].name + ", " + columns[2].name +
                            ", " + columns[3].name;
    sql << dialect.words.on_conflict(key) << "\n    " << pick(dialect.words, table, "count", '>');
    return sql;
}

// Parameter: a day. Column: the oldest day before it, null if there is none.
Sql oldest(const char* table) {
    Sql sql;
    sql << "select min(day)\nfrom " << table << "\nwhere day < " << sql.parameter(Kind::text);
    sql.columns = {Kind::text};
    return sql;
}

// Parameter: a day.
Sql forget(const char* table) {
    Sql sql;
    sql << "delete from " << table << "\nwhere day = " << sql.parameter(Kind::text);
    return sql;
}

// Parameter: the first day. Columns: day, host, name, and the sum of the counts; of rows of tables, which all
// daemons on the database count, the greatest. In the order of the key, so that nothing is sorted.
Sql read_counts(const Dialect&, const StatementKey&) {
    Sql sql;
    sql << "select day, host, name, case when name like '" << greylist::daily_names::rows
        << "%' then max(count) else sum(count) end\nfrom daily\nwhere day >= " << sql.parameter(Kind::text);
    sql << "\ngroup by day, host, name\norder by day, host, name";
    sql.columns = {Kind::text, Kind::text, Kind::text, Kind::number};
    return sql;
}

// Parameter: the first day. Columns: day, host, up_to, and the sum of the counts.
Sql read_delays(const Dialect&, const StatementKey&) {
    Sql sql;
    sql << "select day, host, up_to, sum(count)\nfrom daily_delay\nwhere day >= "
        << sql.parameter(Kind::text);
    sql << "\ngroup by day, host, up_to\norder by day, host, up_to";
    sql.columns = {Kind::text, Kind::text, Kind::number, Kind::number};
    return sql;
}

bool forget_oldest(Session& session, StatementId oldest, StatementId forget, const std::string& before_day) {
    std::string day;
    session.prepared({oldest}).bind(before_day).query([&](const Prepared& row) { day = row.text(0); });
    if (day.empty()) return false;
    session.prepared({forget}).bind(day).change();
    return true;
}

}  // namespace

void write_daily(Session& session, const std::string& host, const DailyCounts& counts) {
    run_over(session, StatementId::put_daily, counts.counts,
             [&](Prepared& row, const DailyCounts::Count& one) {
                 row.bind(counts.day).bind(host).bind(one.name).bind(counts.run).bind(one.count);
             });
    run_over(session, StatementId::put_daily_delay, counts.delays,
             [&](Prepared& row, const DailyCounts::Delay& one) {
                 row.bind(counts.day).bind(host).bind(one.up_to).bind(counts.run).bind(one.count);
             });
}

bool forget_oldest_day(Session& session, const std::string& before_day) {
    const bool of_counts =
        forget_oldest(session, StatementId::oldest_day, StatementId::forget_daily, before_day);
    const bool of_delays = forget_oldest(session, StatementId::oldest_day_of_delays,
                                         StatementId::forget_daily_delay, before_day);
    return of_counts || of_delays;
}

Daily read_daily(Session& session, const std::string& from_day) {
    Daily daily;
    session.prepared({StatementId::read_daily}).bind(from_day).query([&](const Prepared& row) {
        daily.counts.push_back({row.text(0), row.text(1), row.text(2), row.number(3).value_or(0)});
    });
    session.prepared({StatementId::read_daily_delay}).bind(from_day).query([&](const Prepared& row) {
        daily.delays.push_back(
            {row.text(0), row.text(1), row.number(2).value_or(0), row.number(3).value_or(0)});
    });
    return daily;
}

const Table& daily_tables() {
    static const Table table{
        .statements = {{StatementId::put_daily, "put_daily", Use::statistics, true,
                        [](const Dialect& dialect, const StatementKey& key) {
                            return put(dialect, "daily", count_columns, key.rows);
                        }},
                       {StatementId::put_daily_delay, "put_daily_delay", Use::statistics, true,
                        [](const Dialect& dialect, const StatementKey& key) {
                            return put(dialect, "daily_delay", delay_columns, key.rows);
                        }},
                       {StatementId::oldest_day, "oldest_day", Use::statistics, false,
                        [](const Dialect&, const StatementKey&) { return oldest("daily"); }},
                       {StatementId::forget_daily, "forget_daily", Use::statistics, false,
                        [](const Dialect&, const StatementKey&) { return forget("daily"); }},
                       {StatementId::oldest_day_of_delays, "oldest_day_of_delays", Use::statistics, false,
                        [](const Dialect&, const StatementKey&) { return oldest("daily_delay"); }},
                       {StatementId::forget_daily_delay, "forget_daily_delay", Use::statistics, false,
                        [](const Dialect&, const StatementKey&) { return forget("daily_delay"); }},
                       {StatementId::read_daily, "read_daily", Use::administration, false, read_counts},
                       {StatementId::read_daily_delay, "read_daily_delay", Use::administration, false,
                        read_delays}},
        .parts = {},
        .changes = {}};
    return table;
}

}  // namespace sqlgrey::store
