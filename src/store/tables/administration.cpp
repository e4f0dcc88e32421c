#include "administration.hpp"

#include "sqlgrey/greylist/identities.hpp"
#include "table_sql.hpp"

#include <algorithm>

namespace sqlgrey::store {
namespace {

using Is = TableColumn::Is;
using Merge = TableColumn::Merge;

const TableShape& shape_of(const Question& question) {
    return store::shape_of(question.table);
}

std::string read_column(const SqlWords& words, const TableColumn& column) {
    const bool is_time = column.is == Is::time || column.is == Is::optional_time;
    return is_time ? words.seconds(column.name) : column.name;
}

Column list_column(const TableColumn& column) {
    switch (column.is) {
        case Is::text:
            return {column.name};
        case Is::number:
        case Is::seconds:
            return {column.name, Column::Is::number};
        case Is::optional_time:
            return {column.name, Column::Is::optional_time};
        case Is::time:
            break;
    }
    return {column.name, Column::Is::time};
}

void select(Sql& sql, const Dialect& dialect, const TableShape& shape) {
    sql << "select ";
    for (const TableColumn& column : shape.columns) {
        sql << (&column == &shape.columns.front() ? "" : ", ") << read_column(dialect.words, column);
        sql.columns.push_back(column.is == Is::text ? Kind::text : Kind::number);
    }
    sql << "\nfrom " << shape.name;
}

// Parameters: most_clients names.
std::string any_of(Sql& sql, const std::string& column) {
    std::string list;
    for (std::size_t i = 0; i < TableFilter::most_clients; ++i)
        list += (i ? ", " : "") + sql.parameter(Kind::text);
    return column + " in (" + list + ")";
}

// Parameter: a time, in seconds since 1970, as the column TableShape::time stores it.
std::string time_parameter(Sql& sql, const Dialect& dialect, const TableShape& shape) {
    const std::string parameter = sql.parameter(Kind::number);
    const auto column = std::ranges::find(shape.columns, std::string_view{shape.time}, &TableColumn::name);
    return column->is == Is::seconds ? parameter : dialect.words.timestamp(parameter);
}

// Parameters, of those that the filter sets: clients (most_clients), sender_domain, sender_name, recipient, a
// pattern of the recipient, since.
std::vector<std::string> conditions(Sql& sql, const Dialect& dialect, const Question& question) {
    const TableShape& shape = shape_of(question);
    std::vector<std::string> all;
    const auto equals = [&](bool asked, const char* column) {
        if (asked) all.push_back(column + (" = " + sql.parameter(Kind::text)));
    };
    if (question.clients) all.push_back(any_of(sql, shape.client));
    equals(question.sender_domain, shape.sender_domain);
    equals(question.sender_name, shape.sender_name);
    equals(question.recipient, shape.recipient);
    if (question.recipient_domain)
        all.push_back(dialect.words.matches(shape.recipient, sql.parameter(Kind::text)));
    if (question.since) all.push_back(shape.time + (" >= " + time_parameter(sql, dialect, shape)));
    return all;
}

void where(Sql& sql, const std::vector<std::string>& conditions) {
    for (const std::string& condition : conditions)
        sql << (&condition == &conditions.front() ? "\nwhere " : "\n    and ") << condition;
}

std::string order_of(const TableShape& shape, SortBy by) {
    const std::string newest = shape.time ? std::string{shape.time} + " desc" : "";
    switch (by) {
        case SortBy::client:
            return std::string{shape.client};
        case SortBy::sender:
            return shape.sender_domain + std::string{shape.sender_name ? ", " : ""} +
                   (shape.sender_name ? shape.sender_name : "");
        case SortBy::recipient:
            return std::string{shape.recipient};
        case SortBy::time:
            break;
    }
    return newest.empty() ? shape.columns.front().name : newest;
}

// The rows of connect without greylist::is_second_row().
std::string first_rows_of_letters() {
    return "src <> '" + std::string{greylist::src_of_letters} + "' and src not like '" +
           greylist::domain_mark + "%'";
}

// Parameters: those of the filter, limit.
Sql sorted(const Dialect& dialect, const StatementKey& key) {
    const Question question = Question::of(key.parts);
    const TableShape& shape = shape_of(question);
    Sql sql;
    select(sql, dialect, shape);
    std::vector<std::string> all = conditions(sql, dialect, question);
    if (question.table == TableName::connect) all.push_back(first_rows_of_letters());
    where(sql, all);
    sql << "\norder by " << order_of(shape, question.by) << "\nlimit ";
    sql << sql.parameter(Kind::number);
    return sql;
}

// The rows behind a key, written out, because MySQL uses no index to compare rows. Parameters: each column of
// the key twice, the last once.
std::string behind_key(Sql& sql, const Columns& key, std::size_t i) {
    const std::string name = key[i].name;
    const Kind kind = key[i].is_text() ? Kind::text : Kind::number;
    std::string text = "(" + name + " > " + sql.parameter(kind);
    if (i + 1 < key.size()) {
        text += " or (" + name + " = " + sql.parameter(kind) + " and ";
        text += behind_key(sql, key, i + 1) + ")";
    }
    return text + ")";
}

// Parameters: those of the filter; for a later page the first column of the key, whose index the comparison
// uses, and those of behind_key(); limit.
Sql page(const Dialect& dialect, const StatementKey& statement) {
    const Question question = Question::of(statement.parts);
    const TableShape& shape = shape_of(question);
    const Columns key = key_columns(shape);
    Sql sql;
    select(sql, dialect, shape);
    std::vector<std::string> all = conditions(sql, dialect, question);
    if (question.behind) {
        const std::string begin = key.front().name + (" >= " + sql.parameter(Kind::text));
        all.push_back(begin + " and " + behind_key(sql, key, 0));
    }
    where(sql, all);
    for (const Column& column : key) sql << (&column == &key.front() ? "\norder by " : ", ") << column.name;
    sql << "\nlimit ";
    sql << sql.parameter(Kind::number);
    return sql;
}

// Parameters, of those that the filter sets: pools (most_clients), twice; the earliest last_seen; then the
// limit. Columns: pool, networks, last_seen in seconds since 1970 or 0, never_came_back, crowd. A pool has
// rows in one of the two tables or in both.
Sql pools(const Dialect& dialect, const StatementKey& key) {
    const Question question = Question::of(key.parts);
    Sql sql;
    sql << "select x.src, max(x.networks), max(x.seen), max(x.never), max(x.crowd)\nfrom (select pool as "
           "src, "
           "count(*) as networks,\n        "
        << dialect.words.seconds("max(last_seen)") << " as seen, 0 as never, 0 as crowd\n    from pool\n    "
        << "where pool <> ''";
    if (question.clients) sql << " and " << any_of(sql, "pool");
    sql << "\n    group by pool\n    union all\n    select src, 0, 0, never_came_back, crowd\n    from "
           "organisation";
    if (question.clients) sql << "\n    where " << any_of(sql, "src");
    sql << ") x\ngroup by x.src";
    if (question.since) sql << "\nhaving max(x.seen) >= " << sql.parameter(Kind::number);
    sql << "\norder by " << (question.by == SortBy::client ? "" : "max(x.seen) desc, ") << "x.src\nlimit ";
    sql << sql.parameter(Kind::number);
    sql.columns = {Kind::text, Kind::number, Kind::number, Kind::number, Kind::number};
    return sql;
}

Sql count(const Dialect&, const StatementKey& key) {
    Sql sql;
    sql << "select count(*) from " << shape_of(Question::of(key.parts)).name;
    sql.columns = {Kind::number};
    return sql;
}

Sql count_waiting(const Dialect&, const StatementKey&) {
    return {"select count(*) from connect\nwhere " + first_rows_of_letters(), {}, {Kind::number}};
}

// Parameters of each row: its key.
Sql erase(const Dialect& dialect, const StatementKey& key) {
    const TableShape& shape = shape_of(Question::of(key.parts));
    Sql sql;
    sql << "delete from " << shape.name;
    dialect.rows.where(sql, shape.name, key_columns(shape), key.rows);
    return sql;
}

// Parameters: the time, twice; of each row its key.
Sql move_back(const Dialect& dialect, const StatementKey& key) {
    const auto time = [&](Sql& sql) { return dialect.words.timestamp(sql.parameter(Kind::number)); };
    Sql sql;
    sql << "update connect\nset first_seen = case when first_seen > " << time(sql);
    sql << "\n    then " << time(sql) << " else first_seen end";
    dialect.rows.where(sql, "connect", key_columns(store::shape_of(TableName::connect)), key.rows);
    return sql;
}

// Parameters of each row: written_columns().
Sql put(const Dialect& dialect, const StatementKey& statement) {
    const TableShape& shape = shape_of(Question::of(statement.parts));
    const SqlWords& words = dialect.words;
    Sql sql;
    sql << "insert into " << shape.name;
    dialect.rows.values(sql, written_columns(shape), statement.rows);
    std::string key, merged;
    for (const TableColumn& column : shape.columns) {
        const std::string between = merged.empty() ? "\n    " : ",\n    ";
        if (column.merge == Merge::key) key += (key.empty() ? "" : ", ") + std::string{column.name};
        if (column.merge == Merge::least) merged += between + pick(words, shape.name, column.name, '<');
        if (column.merge == Merge::greatest) merged += between + pick(words, shape.name, column.name, '>');
        if (column.merge == Merge::newer)
            merged += between + column.name + " = " + words.excluded(column.name);
    }
    if (merged.empty()) merged = key + " = " + words.excluded(key);  // no columns but a key of one
    sql << words.on_conflict(key) << merged;
    return sql;
}

std::size_t bit(bool set, int position) {
    return static_cast<std::size_t>(set) << position;
}

}  // namespace

static_assert(table_count <= 16, "a table has four bits of the parts");

PartSet Question::parts() const {
    return static_cast<PartSet>(static_cast<std::size_t>(table) | bit(clients, 4) | bit(sender_domain, 5) |
                                bit(sender_name, 6) | bit(recipient, 7) | bit(recipient_domain, 8) |
                                bit(since, 9) | bit(behind, 10) | static_cast<std::size_t>(by) << 11);
}

Question Question::of(PartSet parts) {
    const auto is_set = [&](int position) { return (parts >> position & 1U) != 0; };
    return {static_cast<TableName>(parts & 15U),
            is_set(4),
            is_set(5),
            is_set(6),
            is_set(7),
            is_set(8),
            is_set(9),
            is_set(10),
            static_cast<SortBy>(parts >> 11)};
}

Columns written_columns(const TableShape& shape) {
    Columns columns;
    for (const TableColumn& column : shape.columns)
        if (column.merge != Merge::generated) columns.push_back(list_column(column));
    return columns;
}

Columns key_columns(const TableShape& shape) {
    Columns columns;
    for (const TableColumn& column : shape.columns)
        if (column.merge == Merge::key) columns.push_back(list_column(column));
    return columns;
}

std::vector<std::pair<std::string, PartSet>> shown_variants(StatementId id) {
    std::vector<std::pair<std::string, PartSet>> variants;
    const auto each_table = [&] {
        for (const TableShape& shape : table_shapes())
            variants.emplace_back(std::string{" of "} + shape.name, Question{shape.table}.parts());
    };
    const Question whole{TableName::connect, true, true, true, true, false, true};
    if (id == StatementId::admin_count || id == StatementId::admin_erase || id == StatementId::admin_put)
        each_table();
    if (id == StatementId::admin_sorted) {
        each_table();
        variants.emplace_back(" of connect with filters", whole.parts());
        Question by_sender{TableName::connect};
        by_sender.recipient_domain = true;
        by_sender.by = SortBy::sender;
        variants.emplace_back(" of connect for a domain, by sender", by_sender.parts());
    }
    if (id == StatementId::admin_pools) {
        variants.emplace_back("", Question{TableName::pool}.parts());
        Question some{.table = TableName::pool, .clients = true, .since = true};
        some.by = SortBy::client;
        variants.emplace_back(" with filters, by client", some.parts());
    }
    if (id == StatementId::admin_page) {
        Question next = whole;
        next.behind = true;
        variants.emplace_back(" of connect, the first", Question{TableName::connect}.parts());
        variants.emplace_back(" of connect with filters, a later one", next.parts());
        variants.emplace_back(" of daily_delay, a later one",
                              Question{.table = TableName::daily_delay, .behind = true}.parts());
        variants.emplace_back(" of lists, a later one",
                              Question{.table = TableName::lists, .behind = true}.parts());
    }
    return variants;
}

const Table& administration() {
    static const Table table{
        .statements = {{StatementId::admin_sorted, "admin_sorted", Use::administration, false, sorted},
                       {StatementId::admin_page, "admin_page", Use::administration, false, page},
                       {StatementId::admin_pools, "admin_pools", Use::administration, false, pools},
                       {StatementId::admin_count, "admin_count", Use::administration, false, count},
                       {StatementId::admin_waiting, "admin_waiting", Use::administration, false,
                        count_waiting},
                       {StatementId::admin_erase, "admin_erase", Use::administration, true, erase},
                       {StatementId::admin_move_back, "admin_move_back", Use::administration, true,
                        move_back},
                       {StatementId::admin_put, "admin_put", Use::administration, true, put}},
        .parts = {},
        .changes = {}};
    return table;
}

}  // namespace sqlgrey::store
