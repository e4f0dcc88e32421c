#include "import_statements.hpp"

#include <initializer_list>
#include <string>

namespace sqlgrey::store::import_statements {
namespace {

constexpr auto text = Kind::text;
constexpr auto number = Kind::number;

// "with k(n, <columns>) as (select 0, :p0, ... union all select 1, ...)"
void keys(Sql& sql, std::size_t rows, std::initializer_list<const char*> columns) {
    sql << "with k(n";
    for (const char* column : columns) sql << ", " << column;
    sql << ") as (\n    ";
    for (std::size_t row = 0; row < rows; ++row) {
        sql << (row ? "\n    union all select " : "select ") << std::to_string(row);
        for (std::size_t i = 0; i < columns.size(); ++i) sql << ", " << sql.parameter(text);
    }
    sql << ")\n";
}

// "values (:p0, ...), (...)": so many texts a row, then the numbers, some of them times.
enum class As { plain, time };
void values(Sql& sql, const Dialect& dialect, std::size_t rows, int texts,
            std::initializer_list<As> numbers) {
    for (std::size_t row = 0; row < rows; ++row) {
        sql << (row ? ",\n       (" : "\nvalues (");
        for (int i = 0; i < texts; ++i) sql << (i ? ", " : "") << sql.parameter(text);
        for (const As as : numbers) {
            const std::string parameter = sql.parameter(number);
            sql << ", " << (as == As::time ? dialect.timestamp(parameter) : parameter);
        }
        sql << ")";
    }
    sql << "\n";
}

// "<column> = the smaller (or larger) of what is there and what comes"
std::string pick(const Dialect& dialect, const std::string& table, const std::string& column,
                 const std::string& smaller_or_larger) {
    const std::string there = table + "." + column;
    const std::string incoming = dialect.incoming(column);
    return column + " = case when " + there + " " + smaller_or_larger + " " + incoming + " then " + there +
           " else " + incoming + " end";
}

}  // namespace

Sql look_up_senders(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    keys(sql, rows, {"src", "sender_domain", "sender_name"});
    sql << "select k.n, " << dialect.seconds("d.last_seen") << ", " << dialect.seconds("f.first_seen") << ", "
        << dialect.seconds("f.last_seen") << "\nfrom k\n"
        << "left join domain_awl d on d.src = k.src and d.sender_domain = k.sender_domain\n"
        << "left join from_awl f on f.src = k.src and f.sender_domain = k.sender_domain"
        << " and f.sender_name = k.sender_name";
    sql.columns.assign(4, number);
    return sql;
}

Sql look_up_triplets(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    keys(sql, rows, {"src", "sender_domain", "sender_name", "rcpt"});
    sql << "select k.n, " << dialect.seconds("c.first_seen") << "\nfrom k\n"
        << "left join connect c on c.src = k.src and c.sender_domain = k.sender_domain"
        << " and c.sender_name = k.sender_name and c.rcpt = k.rcpt";
    sql.columns.assign(2, number);
    return sql;
}

Sql look_up_clients(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    keys(sql, rows, {"src"});
    sql << "select k.n, a.passes, " << dialect.seconds("a.first_seen") << ", "
        << dialect.seconds("a.last_seen") << "\nfrom k\nleft join client_awl a on a.src = k.src";
    sql.columns.assign(4, number);
    return sql;
}

Sql put_senders(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen)";
    values(sql, dialect, rows, 3, {As::time, As::time});
    sql << dialect.on_conflict("src, sender_domain, sender_name")
        << pick(dialect, "from_awl", "first_seen", "<") << ",\n    "
        << pick(dialect, "from_awl", "last_seen", ">");
    return sql;
}

Sql put_triplets(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into connect (sender_name, sender_domain, src, rcpt, first_seen)";
    values(sql, dialect, rows, 4, {As::time});
    sql << dialect.on_conflict("src, sender_domain, sender_name, rcpt")
        << "first_seen = case when connect.first_seen >= " << dialect.timestamp(sql.parameter(number))
        << " and connect.first_seen < " << dialect.incoming("first_seen") << " then connect.first_seen else "
        << dialect.incoming("first_seen") << " end";
    return sql;
}

// passes first: MySQL works from left to right, and would see the new last_seen otherwise.
Sql put_clients(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into client_awl (src, passes, last_counted, first_seen, last_seen)";
    values(sql, dialect, rows, 1, {As::plain, As::time, As::time, As::time});
    sql << dialect.on_conflict("src")
        << "passes = case when client_awl.last_seen >= " << dialect.timestamp(sql.parameter(number))
        << " and client_awl.passes > " << dialect.incoming("passes") << " then client_awl.passes else "
        << dialect.incoming("passes") << " end";
    sql << ",\n    " << pick(dialect, "client_awl", "last_counted", ">");
    sql << ",\n    " << pick(dialect, "client_awl", "first_seen", "<");
    sql << ",\n    " << pick(dialect, "client_awl", "last_seen", ">");
    return sql;
}

Sql forget_triplets(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "delete from connect\nwhere ";
    for (std::size_t row = 0; row < rows; ++row) {
        sql << (row ? "\n   or (src = " : "(src = ") << sql.parameter(text);
        sql << " and sender_domain = " << sql.parameter(text);
        sql << " and " << dialect.matches("sender_name", sql.parameter(text)) << ")";
    }
    return sql;
}

}  // namespace sqlgrey::store::import_statements
