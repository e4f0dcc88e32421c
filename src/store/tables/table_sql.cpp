#include "table_sql.hpp"

namespace sqlgrey::store {
namespace {

// Upper bound on rows deleted by one promotion, which takes 10 to 40 ms: 100,000 rows of a sender that makes
// up recipients would hold the write lock for over 100 ms. Rows left over expire, and are never read before,
// because the row of the auto-whitelist matches first.
constexpr std::size_t most_forgotten = 10'000;

}  // namespace

std::string both_times_excluded(const SqlWords& words) {
    return "first_seen = " + words.excluded("first_seen") + ", last_seen = " + words.excluded("last_seen");
}

std::string pick(const SqlWords& words, const std::string& table, const std::string& column,
                 char comparison) {
    const std::string there = table + "." + column, excluded = words.excluded(column);
    return column + " = case when " + there + " " + comparison + " " + excluded + " then " + there +
           " else " + excluded + " end";
}

Sql touch(const Dialect& dialect, const std::string& table, const Columns& key, std::size_t rows) {
    Sql sql;
    // first_seen = itself: MySQL may set a table's first timestamp column to now otherwise.
    sql << "update " << table << "\nset first_seen = first_seen, last_seen = "
        << dialect.words.timestamp(sql.parameter(Kind::number));
    dialect.rows.where(sql, table, key, rows);
    return sql;
}

Sql forget_connect(const Dialect& dialect, const Columns& columns, std::size_t rows) {
    Sql sql;
    sql << "delete from connect";
    dialect.rows.where_limited(sql, "connect", columns, rows, most_forgotten);
    return sql;
}

Sql slice_end(const Dialect& dialect, const std::string& table, const std::string& column) {
    Sql sql;
    sql << "select " << dialect.words.seconds(column) << "\nfrom " << table << "\nwhere " << column << " < "
        << dialect.words.timestamp(sql.parameter(Kind::number)) << "\norder by " << column
        << "\nlimit 1 offset ";
    sql << sql.parameter(Kind::number);
    sql.columns = {Kind::number};
    return sql;
}

Sql expire(const Dialect& dialect, const std::string& table, const std::string& column) {
    Sql sql;
    sql << "delete from " << table << "\nwhere " << column << " < "
        << dialect.words.timestamp(sql.parameter(Kind::number));
    return sql;
}

Sql slice_end_of_numbers(const std::string& table) {
    Sql sql;
    sql << "select expires_at\nfrom " << table << "\nwhere expires_at < " << sql.parameter(Kind::number);
    sql << "\norder by expires_at\nlimit 1 offset " << sql.parameter(Kind::number);
    sql.columns = {Kind::number};
    return sql;
}

Sql expire_by_number(const std::string& table) {
    Sql sql;
    sql << "delete from " << table << "\nwhere expires_at < " << sql.parameter(Kind::number);
    return sql;
}

Sql with_keys(const Dialect& dialect, const Columns& columns, std::size_t rows) {
    Sql sql;
    sql << "with k as (\n    ";
    dialect.rows.rows(sql, columns, rows);
    sql << ")\nselect k.n";
    return sql;
}

}  // namespace sqlgrey::store
