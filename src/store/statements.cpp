#include "statements.hpp"

namespace sqlgrey::store::statements {
namespace {

constexpr auto text = Kind::text;
constexpr auto number = Kind::number;

// Who makes up ever new recipients or senders must not hold up everybody by being accepted once: deleting
// these takes 10 to 40 ms. What is left hides behind the auto-white-list and expires.
constexpr std::size_t most_forgotten = 10'000;

// "<column> = :pN"
std::string equals(Sql& sql, const std::string& column) {
    return column + " = " + sql.parameter(text);
}

Sql touch(const Dialect& dialect, const std::string& table, std::size_t rows, const Columns& key) {
    Sql sql;
    // first_seen = itself: MySQL would move the table's first timestamp by itself otherwise.
    sql << "update " << table
        << "\nset first_seen = first_seen, last_seen = " << dialect.timestamp(sql.parameter(number));
    dialect.where(sql, table, key, rows);
    return sql;
}

Sql forget_connect(const Dialect& dialect, std::size_t rows, const Columns& key) {
    Sql sql;
    sql << "delete from connect";
    dialect.where_limited(sql, "connect", key, rows, most_forgotten);
    return sql;
}

std::string seen_anew(const Dialect& dialect) {
    return "first_seen = " + dialect.excluded("first_seen") +
           ", last_seen = " + dialect.excluded("last_seen");
}

// Asked only of a triplet that may be accepted now, and whose domain that may bring into domain_awl.
std::string sibling(const Parts& parts, const std::string& what) {
    if (!parts.siblings) return "    null";
    return "    case when c.first_seen is not null then (select " + what +
           " from from_awl s where s.src = k.src and s.sender_domain = k.sender_domain) end";
}

// A source that has a domain is never throttled, and may be a large provider's: its rows are not counted.
void source_columns(Sql& sql, const std::string& src) {
    const std::string domain = "select 1 from domain_awl s where s.src = " + src;
    sql << ",\n    (" << domain << " limit 1)";
    for (const char* table : {"connect", "from_awl"})
        sql << ",\n    case when not exists (" << domain << ") then (select count(*) from " << table
            << " s where s.src = " << src << ") end";
}

}  // namespace

Sql look_up(const Dialect& dialect, std::size_t rows, const Parts& parts) {
    Columns keys{{"src"}, {"sender_domain"}, {"sender_name"}, {"deverped"}, {"rcpt"}};
    if (parts.opted) keys.insert(keys.end(), {{"rcpt_domain"}, {"rcpt_email"}});
    Sql sql;
    sql << "with k as (\n    ";
    dialect.rows(sql, keys, rows);
    // No row has the src null, and a database that is to look for it does not even begin to.
    const std::string of_domain = parts.behind_awl ? "k.src" : "case when d.src is null then k.src end";
    const std::string of_both =
        parts.behind_awl ? "k.src" : "case when d.src is null and f.src is null then k.src end";
    sql << ")\nselect k.n,\n"
        << "    " << dialect.seconds("d.first_seen") << ", " << dialect.seconds("d.last_seen") << ",\n"
        << "    " << dialect.seconds("f.first_seen") << ", " << dialect.seconds("f.last_seen") << ",\n"
        << "    " << dialect.seconds("c.first_seen") << ",\n"
        << sibling(parts, "count(*)") << ",\n"
        << sibling(parts, "min(" + dialect.seconds("s.first_seen") + ")") << ",\n"
        << "    " << (dialect.now().empty() ? "0" : dialect.now());
    if (parts.sources) source_columns(sql, of_both);
    if (parts.clients)
        sql << ",\n    a.passes, " << dialect.seconds("a.last_counted") << ", "
            << dialect.seconds("a.last_seen");
    if (parts.opted)
        for (const char* which : {"in", "out"})
            for (const char* what : {"domain", "email"})
                sql << ",\n    (select count(*) from opt" << which << "_" << what << " o where o." << what
                    << " = k.rcpt_" << what << ")";
    sql << "\nfrom k\n"
        << dialect.left_join_keys("domain_awl", "d", "d.src = k.src and d.sender_domain = k.sender_domain")
        << "\n"
        << dialect.left_join_keys("from_awl", "f",
                                  "f.src = " + of_domain +
                                      " and f.sender_domain = k.sender_domain and f.sender_name = k.deverped")
        << "\n"
        << dialect.left_join_keys(
               "connect", "c",
               "c.src = " + of_both +
                   " and c.sender_domain = k.sender_domain and c.sender_name = k.sender_name"
                   " and c.rcpt = k.rcpt");
    if (parts.clients) sql << "\n" << dialect.left_join_keys("client_awl", "a", "a.src = " + of_both);
    sql.columns.assign(parts.columns(), number);
    return sql;
}

Sql put_connect(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into connect";
    dialect.values(
        sql, {{"sender_name"}, {"sender_domain"}, {"src"}, {"rcpt"}, {"first_seen", Column::Is::time}}, rows);
    // The least first_seen that counts; one ahead was left by a clock that was.
    sql << dialect.on_conflict("src, sender_domain, sender_name, rcpt")
        << "first_seen = case when connect.first_seen < " << dialect.timestamp(sql.parameter(number))
        << " or connect.first_seen > " << dialect.excluded("first_seen") << " then "
        << dialect.excluded("first_seen") << " else connect.first_seen end";
    return sql;
}

Sql touch_domain_awl(const Dialect& dialect, std::size_t rows) {
    return touch(dialect, "domain_awl", rows, {{"src"}, {"sender_domain"}});
}
Sql touch_from_awl(const Dialect& dialect, std::size_t rows) {
    return touch(dialect, "from_awl", rows, {{"src"}, {"sender_domain"}, {"sender_name"}});
}
Sql touch_client_awl(const Dialect& dialect, std::size_t rows) {
    return touch(dialect, "client_awl", rows, {{"src"}});
}

// The columns in this order: MySQL works from left to right, and would see the new values of those before.
Sql count_pass(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into client_awl";
    dialect.values(sql,
                   {{"src"},
                    {"passes", Column::Is::number},
                    {"last_counted", Column::Is::time},
                    {"first_seen", Column::Is::time},
                    {"last_seen", Column::Is::time}},
                   rows);
    sql << dialect.on_conflict("src") << "\n    passes = case when client_awl.last_seen < ";
    // A last_counted ahead was left by a clock that was.
    const std::string ahead = " or client_awl.last_counted > " + dialect.excluded("last_counted");
    sql << dialect.timestamp(sql.parameter(number)) << " then 1 when client_awl.last_counted <= ";
    sql << dialect.timestamp(sql.parameter(number)) << ahead
        << " then client_awl.passes + 1 else client_awl.passes end,\n"
        << "    last_counted = case when client_awl.last_seen < ";
    sql << dialect.timestamp(sql.parameter(number)) << " or client_awl.last_counted <= ";
    sql << dialect.timestamp(sql.parameter(number)) << ahead << " then " << dialect.excluded("last_counted")
        << " else client_awl.last_counted end,\n"
        << "    first_seen = client_awl.first_seen, last_seen = " << dialect.excluded("last_seen");
    return sql;
}

Sql put_from_awl(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into from_awl";
    dialect.values(sql,
                   {{"sender_name"},
                    {"sender_domain"},
                    {"src"},
                    {"first_seen", Column::Is::time},
                    {"last_seen", Column::Is::time}},
                   rows);
    sql << dialect.on_conflict("src, sender_domain, sender_name") << seen_anew(dialect);
    return sql;
}

Sql forget_connect_of_sender(const Dialect& dialect, std::size_t rows) {
    return forget_connect(dialect, rows, {{"src"}, {"sender_domain"}, {"sender_name", Column::Is::pattern}});
}

Sql put_domain_awl(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "insert into domain_awl";
    dialect.values(
        sql, {{"sender_domain"}, {"src"}, {"first_seen", Column::Is::time}, {"last_seen", Column::Is::time}},
        rows);
    sql << dialect.on_conflict("src, sender_domain") << seen_anew(dialect);
    return sql;
}

Sql forget_connect_of_domain(const Dialect& dialect, std::size_t rows) {
    return forget_connect(dialect, rows, {{"src"}, {"sender_domain"}});
}

Sql forget_from_awl_of_domain(const Dialect& dialect, std::size_t rows) {
    Sql sql;
    sql << "delete from from_awl";
    dialect.where(sql, "from_awl", {{"src"}, {"sender_domain"}}, rows);
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
        << dialect.on_conflict("parameter") << "value = " << dialect.excluded("value");
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

Sql list_rows(const Dialect& dialect) {
    Sql sql;
    sql << "select id, list, entry from lists\nwhere expires_at is null or expires_at > "
        << dialect.timestamp(sql.parameter(number)) << "\norder by id";
    sql.columns = {number, text, text};
    return sql;
}

Sql count_hits(const Dialect& dialect) {
    Sql sql;
    sql << "update lists set hits = hits + " << sql.parameter(number) << ", last_hit = ";
    sql << dialect.timestamp(sql.parameter(number)) << "\nwhere id = ";
    sql << sql.parameter(number);
    return sql;
}

}  // namespace sqlgrey::store::statements
