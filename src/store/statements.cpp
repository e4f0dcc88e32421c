#include "statements.hpp"

namespace sqlgrey::store::statements {
namespace {

constexpr auto text = Kind::text;
constexpr auto number = Kind::number;

// "<column> = :pN"
std::string equals(Sql& sql, const std::string& column) {
    return column + " = " + sql.parameter(text);
}

// One key of look_up as a row. A union of selects is the one form of such a list that all of SQLite,
// PostgreSQL, MariaDB and MySQL 8 take.
void key_row(Sql& sql, std::size_t row) {
    sql << (row ? "\n    union all select " : "select ") << std::to_string(row);
    for (int i = 0; i < 5; ++i) sql << ", " << sql.parameter(text);
}

Sql touch(const Dialect& dialect, const std::string& table, std::size_t rows, bool with_name) {
    Sql sql;
    // first_seen = itself: MySQL would move the table's first timestamp by itself otherwise.
    sql << "update " << table
        << "\nset first_seen = first_seen, last_seen = " << dialect.timestamp(sql.parameter(number))
        << "\nwhere ";
    for (std::size_t row = 0; row < rows; ++row) {
        sql << (row ? "\n   or (" : "(") << equals(sql, "src") << " and " << equals(sql, "sender_domain");
        if (with_name) sql << " and " << equals(sql, "sender_name");
        sql << ")";
    }
    return sql;
}

}  // namespace

Sql look_up(const Dialect& dialect, std::size_t rows, bool source_counts) {
    Sql sql;
    sql << "with k(n, src, sender_domain, sender_name, deverped, rcpt) as (\n    ";
    for (std::size_t row = 0; row < rows; ++row) key_row(sql, row);
    sql << ")\nselect k.n,\n"
        << "    " << dialect.seconds("d.first_seen") << ", " << dialect.seconds("d.last_seen") << ",\n"
        << "    " << dialect.seconds("f.first_seen") << ", " << dialect.seconds("f.last_seen") << ",\n"
        << "    " << dialect.seconds("c.first_seen")
        << ",\n"
        // Asked only of a triplet that may be accepted now.
        << "    case when c.first_seen is not null then (select count(*) from from_awl s where s.src = k.src"
        << " and s.sender_domain = k.sender_domain) end,\n"
        << "    case when c.first_seen is not null then (select min(" << dialect.seconds("s.first_seen")
        << ") from from_awl s where s.src = k.src and s.sender_domain = k.sender_domain) end";
    for (const char* table : {"connect", "domain_awl", "from_awl"})
        sql << (source_counts
                    ? std::string(",\n    (select count(*) from ") + table + " s where s.src = k.src)"
                    : ", 0");
    sql << ", " << (dialect.now().empty() ? "0" : dialect.now()) << "\n"
        << "from k\n"
        << "left join domain_awl d on d.src = k.src and d.sender_domain = k.sender_domain\n"
        << "left join from_awl f on f.src = k.src and f.sender_domain = k.sender_domain"
        << " and f.sender_name = k.deverped\n"
        << "left join connect c on c.src = k.src and c.sender_domain = k.sender_domain"
        << " and c.sender_name = k.sender_name and c.rcpt = k.rcpt";
    sql.columns.assign(12, number);
    return sql;
}

Sql put_connect(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into connect (sender_name, sender_domain, src, rcpt, first_seen)\nvalues ";
    for (std::size_t row = 0; row < rows; ++row) {
        sql << (row ? ",\n       (" : "(");
        for (int i = 0; i < 4; ++i) sql << sql.parameter(text) << ", ";
        sql << dialect.timestamp(sql.parameter(number)) << ")";
    }
    sql << "\n"
        << dialect.on_conflict("src, sender_domain, sender_name, rcpt")
        << "first_seen = case when connect.first_seen < " << dialect.timestamp(sql.parameter(number))
        << " then " << dialect.incoming("first_seen") << " else connect.first_seen end";
    return sql;
}

Sql touch_domain_awl(const Dialect& dialect, std::size_t rows) {
    return touch(dialect, "domain_awl", rows, false);
}
Sql touch_from_awl(const Dialect& dialect, std::size_t rows) {
    return touch(dialect, "from_awl", rows, true);
}

Sql put_from_awl(const Dialect& dialect) {
    Sql sql;
    sql << "insert into from_awl (sender_name, sender_domain, src, first_seen, last_seen)\nvalues (";
    for (int i = 0; i < 3; ++i) sql << sql.parameter(text) << ", ";
    sql << dialect.timestamp(sql.parameter(number)) << ", ";
    sql << dialect.timestamp(sql.parameter(number)) << ")\n"
        << dialect.on_conflict("src, sender_domain, sender_name")
        << "first_seen = " << dialect.incoming("first_seen")
        << ", last_seen = " << dialect.incoming("last_seen");
    return sql;
}

Sql forget_connect_of_sender(const Dialect& dialect) {
    Sql sql;
    sql << "delete from connect\nwhere " << equals(sql, "src") << " and " << equals(sql, "sender_domain")
        << " and " << dialect.matches("sender_name", sql.parameter(text));
    return sql;
}

Sql put_domain_awl(const Dialect& dialect) {
    Sql sql;
    sql << "insert into domain_awl (sender_domain, src, first_seen, last_seen)\nvalues (";
    for (int i = 0; i < 2; ++i) sql << sql.parameter(text) << ", ";
    sql << dialect.timestamp(sql.parameter(number)) << ", ";
    sql << dialect.timestamp(sql.parameter(number)) << ")\n"
        << dialect.on_conflict("src, sender_domain") << "first_seen = " << dialect.incoming("first_seen")
        << ", last_seen = " << dialect.incoming("last_seen");
    return sql;
}

Sql forget_connect_of_domain(const Dialect&) {
    Sql sql;
    sql << "delete from connect\nwhere " << equals(sql, "src") << " and " << equals(sql, "sender_domain");
    return sql;
}

Sql forget_from_awl_of_domain(const Dialect&) {
    Sql sql;
    sql << "delete from from_awl\nwhere " << equals(sql, "src") << " and " << equals(sql, "sender_domain");
    return sql;
}

Sql read_clock(const Dialect& dialect) {
    Sql sql;
    sql << "select " << (dialect.now().empty() ? "0" : dialect.now());
    sql.columns = {number};
    return sql;
}

Sql read_config(const Dialect&) {
    Sql sql;
    sql << "select value from config where " << equals(sql, "parameter");
    sql.columns = {text};
    return sql;
}

Sql swap_config(const Dialect&) {
    Sql sql;
    sql << "update config set " << equals(sql, "value") << "\nwhere " << equals(sql, "parameter") << " and "
        << equals(sql, "value");
    return sql;
}

Sql add_config(const Dialect& dialect) {
    Sql sql;
    sql << "insert into config (parameter, value) values (" << sql.parameter(text) << ", ";
    sql << sql.parameter(text) << ")\n" << dialect.on_conflict("parameter") << "value = config.value";
    return sql;
}

Sql put_config(const Dialect& dialect) {
    Sql sql;
    sql << "insert into config (parameter, value) values (" << sql.parameter(text) << ", ";
    sql << sql.parameter(text) << ")\n"
        << dialect.on_conflict("parameter") << "value = " << dialect.incoming("value");
    return sql;
}

Sql slice_end(const Dialect& dialect, const std::string& table, const std::string& column) {
    Sql sql;
    sql << "select " << dialect.seconds(column) << " from " << table << "\nwhere " << column << " < "
        << dialect.timestamp(sql.parameter(number)) << "\norder by " << column << "\nlimit 1 offset ";
    sql << sql.parameter(number);
    sql.columns = {number};
    return sql;
}

Sql expire(const Dialect& dialect, const std::string& table, const std::string& column) {
    Sql sql;
    sql << "delete from " << table << "\nwhere " << column << " < "
        << dialect.timestamp(sql.parameter(number));
    return sql;
}

Sql never_retried(const Dialect& dialect) {
    Sql sql;
    sql << "select src, sender_name, sender_domain, rcpt, " << dialect.shown("first_seen")
        << "\nfrom connect\nwhere first_seen < " << dialect.timestamp(sql.parameter(number))
        << "\norder by first_seen";
    sql.columns.assign(5, text);
    return sql;
}

}  // namespace sqlgrey::store::statements
