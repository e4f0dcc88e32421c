#include "catalog.hpp"

#include "schema_words.hpp"

#include <algorithm>
#include <cstdint>

namespace sqlgrey::store {
namespace {

std::string quoted_names(Database database) {
    std::string names;
    for (const WantedTable& table : wanted_tables(database))
        names += (names.empty() ? "'" : ", '") + table.name + "'";
    return names;
}

constexpr auto text = Kind::text;
constexpr auto number = Kind::number;

}  // namespace

const std::vector<StatementDefinition>& catalog_statements() {
    static const std::vector<StatementDefinition> statements{
        {StatementId::catalog_tables, "catalog_tables", Use::schema, false,
         [](const Dialect& dialect, const StatementKey&) {
             const std::string names = quoted_names(dialect.database);
             return Sql{schema_words_of(dialect.database).tables(names), {}, {text, text, number}};
         }},
        {StatementId::catalog_columns, "catalog_columns", Use::schema, false,
         [](const Dialect& dialect, const StatementKey&) {
             const std::string names = quoted_names(dialect.database);
             return Sql{schema_words_of(dialect.database).columns(names),
                        {},
                        {text, text, text, number, text, number, number, number}};
         }},
        {StatementId::catalog_indexes, "catalog_indexes", Use::schema, false,
         [](const Dialect& dialect, const StatementKey&) {
             const std::string names = quoted_names(dialect.database);
             return Sql{schema_words_of(dialect.database).indexes(names),
                        {},
                        {text, text, number, number, number, text}};
         }},
        {StatementId::missing_rights, "missing_rights", Use::schema, false,
         [](const Dialect& dialect, const StatementKey&) {
             const std::string names = quoted_names(dialect.database);
             return Sql{schema_words_of(dialect.database).missing_rights(names), {}, {text}};
         }}};
    return statements;
}

bool FoundIndex::covers(const ColumnNames& key) const {
    return columns.size() == key.size() && std::ranges::is_permutation(columns, key);
}

bool FoundIndex::begins_with(const ColumnNames& first) const {
    return columns.size() >= first.size() && std::equal(first.begin(), first.end(), columns.begin());
}

const FoundColumn* FoundTable::column(std::string_view name) const {
    const auto found = std::ranges::find(columns, name, &FoundColumn::name);
    return found == columns.end() ? nullptr : &*found;
}

const FoundIndex* FoundTable::index(std::string_view name) const {
    const auto found = std::ranges::find(indexes, name, &FoundIndex::name);
    return found == indexes.end() ? nullptr : &*found;
}

const FoundIndex* FoundTable::primary_key() const {
    const auto found = std::ranges::find(indexes, true, &FoundIndex::primary);
    return found == indexes.end() ? nullptr : &*found;
}

bool FoundTable::has_key(const ColumnNames& key) const {
    return std::ranges::any_of(
        indexes, [&](const FoundIndex& index) { return index.unique && index.usable && index.covers(key); });
}

bool FoundTable::has_index(const ColumnNames& first) const {
    return std::ranges::any_of(
        indexes, [&](const FoundIndex& index) { return index.usable && index.begins_with(first); });
}

std::vector<std::string> missing_rights(Session& session, Database database) {
    std::vector<std::string> sentences;
    if (schema_words_of(database).missing_rights("").empty()) return sentences;
    session.prepared({StatementId::missing_rights}).query([&](const Prepared& row) {
        sentences.push_back(row.text(0));
    });
    return sentences;
}

Catalog read_catalog(Session& session) {
    Catalog catalog;
    session.prepared({StatementId::catalog_tables}).query([&](const Prepared& row) {
        FoundTable& table = catalog[row.text(0)];
        table.kind = row.text(1);
        table.entangled = row.number(2).value_or(0) > 0;
    });
    session.prepared({StatementId::catalog_columns}).query([&](const Prepared& row) {
        catalog[row.text(0)].columns.push_back(
            {row.text(1), row.text(2), row.number(3).value_or(0), row.text(4), row.number(5).value_or(0) > 0,
             row.number(6).value_or(0) > 0, row.number(7).value_or(0) > 0});
    });
    session.prepared({StatementId::catalog_indexes}).query([&](const Prepared& row) {
        std::vector<FoundIndex>& indexes = catalog[row.text(0)].indexes;
        if (indexes.empty() || indexes.back().name != row.text(1))
            indexes.push_back(
                {row.text(1), row.number(2).value_or(0) > 0, row.number(3).value_or(0) > 0, true, false, {}});
        const std::int64_t worth = row.number(4).value_or(0);
        indexes.back().usable = indexes.back().usable && worth > 0;
        indexes.back().coarse = indexes.back().coarse || worth < 0;
        indexes.back().columns.push_back(row.text(5));
    });
    return catalog;
}

}  // namespace sqlgrey::store
