#include "import_statements.hpp"

#include <string>

namespace sqlgrey::store::import_statements {
namespace {

constexpr auto number = Kind::number;
constexpr auto time = Column::Is::time;

// "with k as (<the keys>)"
Sql with_keys(const Dialect& dialect, std::size_t rows, const Columns& columns) {
    Sql sql;
    sql << "with k as (\n    ";
    dialect.rows(sql, columns, rows);
    sql << ")\n";
    return sql;
}

// "<column> = the smaller (or larger) of what is there and what comes"
std::string pick(const Dialect& dialect, const std::string& table, const std::string& column,
                 const std::string& smaller_or_larger) {
    const std::string there = table + "." + column;
    const std::string excluded = dialect.excluded(column);
    return column + " = case when " + there + " " + smaller_or_larger + " " + excluded + " then " + there +
           " else " + excluded + " end";
}

}  // namespace

Sql look_up_senders(const Dialect& dialect, std::size_t rows) {
    Sql sql = with_keys(dialect, rows, {{"src"}, {"sender_domain"}, {"sender_name"}});
    sql << "select k.n, " << dialect.seconds("d.last_seen") << ", " << dialect.seconds("f.first_seen") << ", "
        << dialect.seconds("f.last_seen") << "\nfrom k\n"
        << dialect.left_join_keys("domain_awl", "d", "d.src = k.src and d.sender_domain = k.sender_domain")
        << "\n"
        << dialect.left_join_keys("from_awl", "f",
                                  "f.src = k.src and f.sender_domain = k.sender_domain"
                                  " and f.sender_name = k.sender_name");
    sql.columns.assign(4, number);
    return sql;
}

Sql look_up_triplets(const Dialect& dialect, std::size_t rows) {
    Sql sql = with_keys(dialect, rows, {{"src"}, {"sender_domain"}, {"sender_name"}, {"rcpt"}});
    sql << "select k.n, " << dialect.seconds("c.first_seen") << "\nfrom k\n"
        << dialect.left_join_keys("connect", "c",
                                  "c.src = k.src and c.sender_domain = k.sender_domain"
                                  " and c.sender_name = k.sender_name and c.rcpt = k.rcpt");
    sql.columns.assign(2, number);
    return sql;
}

Sql look_up_clients(const Dialect& dialect, std::size_t rows) {
    Sql sql = with_keys(dialect, rows, {{"src"}});
    sql << "select k.n, a.passes, " << dialect.seconds("a.first_seen") << ", "
        << dialect.seconds("a.last_seen") << "\nfrom k\n"
        << dialect.left_join_keys("client_awl", "a", "a.src = k.src");
    sql.columns.assign(4, number);
    return sql;
}

Sql put_senders(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into from_awl";
    dialect.values(
        sql, {{"sender_name"}, {"sender_domain"}, {"src"}, {"first_seen", time}, {"last_seen", time}}, rows);
    sql << dialect.on_conflict("src, sender_domain, sender_name")
        << pick(dialect, "from_awl", "first_seen", "<") << ",\n    "
        << pick(dialect, "from_awl", "last_seen", ">");
    return sql;
}

Sql put_triplets(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into connect";
    dialect.values(sql, {{"sender_name"}, {"sender_domain"}, {"src"}, {"rcpt"}, {"first_seen", time}}, rows);
    sql << dialect.on_conflict("src, sender_domain, sender_name, rcpt")
        << "first_seen = case when connect.first_seen >= " << dialect.timestamp(sql.parameter(number))
        << " and connect.first_seen < " << dialect.excluded("first_seen") << " then connect.first_seen else "
        << dialect.excluded("first_seen") << " end";
    return sql;
}

// passes first: MySQL works from left to right, and would see the new last_seen otherwise.
Sql put_clients(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into client_awl";
    dialect.values(sql,
                   {{"src"},
                    {"passes", Column::Is::number},
                    {"last_counted", time},
                    {"first_seen", time},
                    {"last_seen", time}},
                   rows);
    sql << dialect.on_conflict("src")
        << "passes = case when client_awl.last_seen >= " << dialect.timestamp(sql.parameter(number))
        << " and client_awl.passes > " << dialect.excluded("passes") << " then client_awl.passes else "
        << dialect.excluded("passes") << " end";
    sql << ",\n    " << pick(dialect, "client_awl", "last_counted", ">");
    sql << ",\n    " << pick(dialect, "client_awl", "first_seen", "<");
    sql << ",\n    " << pick(dialect, "client_awl", "last_seen", ">");
    return sql;
}

}  // namespace sqlgrey::store::import_statements
