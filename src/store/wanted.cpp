#include "wanted.hpp"

#include "mysql_tables.hpp"
#include "postgresql_tables.hpp"
#include "sqlgrey/base/embedded_file.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlite_tables.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace sqlgrey::store {
namespace {

// The statements, each of which ends with ';' at the end of a line. Comment lines are left out.
std::vector<std::string> statements_in(std::string_view text) {
    std::vector<std::string> statements(1);
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.starts_with("--") || line.empty()) continue;
        if (line.ends_with(';')) {
            statements.back().append(line.substr(0, line.size() - 1));
            statements.emplace_back();
        } else {
            statements.back().append(line).append("\n");
        }
    }
    statements.pop_back();
    return statements;
}

// The text within the first pair of parentheses.
std::string_view inside(std::string_view text) {
    const std::size_t open = text.find('(');
    if (open == std::string_view::npos) throw std::logic_error("no list in: " + std::string{text});
    int depth = 0;
    for (std::size_t at = open; at < text.size(); ++at) {
        if (text[at] == '(') ++depth;
        if (text[at] == ')' && --depth == 0) return text.substr(open + 1, at - open - 1);
    }
    throw std::logic_error("a parenthesis is open in: " + std::string{text});
}

// Splits at commas outside parentheses.
std::vector<std::string> parts(std::string_view text) {
    std::vector<std::string> found;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        if (at < text.size() && text[at] == '(') ++depth;
        if (at < text.size() && text[at] == ')') --depth;
        if (at < text.size() && (text[at] != ',' || depth > 0)) continue;
        found.emplace_back(base::trimmed(text.substr(begin, at - begin)));
        begin = at + 1;
    }
    return found;
}

std::string word(std::string_view text, std::size_t number) {
    for (; number > 0; --number) text = base::trimmed(text.substr(std::min(text.size(), text.find(' '))));
    return std::string{text.substr(0, text.find_first_of(" \n("))};
}

WantedColumn column_of(const std::string& definition) {
    WantedColumn column{word(definition, 0), definition};
    const std::size_t open = definition.find("char("), bytes = definition.find("varbinary(");
    const std::size_t at = open != std::string::npos ? open + 5 : bytes + 10;
    if (open != std::string::npos || bytes != std::string::npos)
        std::from_chars(definition.data() + at, definition.data() + definition.size(), column.length);
    return column;
}

WantedTable table_of(const std::string& statement) {
    WantedTable table;
    table.name = word(statement, 2);
    table.statement = statement;
    for (const std::string& part : parts(inside(statement))) {
        if (part.starts_with("primary key") || part.starts_with("unique"))
            table.keys.push_back(parts(inside(part)));
        else if (!part.starts_with("constraint"))
            table.columns.push_back(column_of(part));
    }
    return table;
}

std::vector<WantedTable> read_tables(Database database) {
    std::vector<WantedTable> tables;
    const auto add_index = [&](const std::string& table, WantedIndex index) {
        const auto owner = std::ranges::find(tables, table, &WantedTable::name);
        if (owner == tables.end()) throw std::logic_error("an index of no table: " + index.name);
        owner->indexes.push_back(std::move(index));
    };
    for (const std::string& statement : statements_in(tables_text(database))) {
        if (statement.starts_with("create table"))
            tables.push_back(table_of(statement));
        else if (statement.starts_with("create index"))
            add_index(word(statement, 4), {word(statement, 2), parts(inside(statement))});
        else
            add_index(word(statement, 2), {word(statement, 5), parts(inside(statement))});
    }
    return tables;
}

}  // namespace

bool WantedColumn::is_time() const {
    return definition.starts_with(name + " timestamp");
}

bool WantedColumn::is_bytes() const {
    return definition.starts_with(name + " varbinary");
}

bool WantedColumn::can_be_added() const {
    return definition.find(" not null") == std::string::npos ||
           definition.find(" default ") != std::string::npos;
}

const WantedColumn* WantedTable::column(std::string_view column) const {
    const auto found = std::ranges::find(columns, column, &WantedColumn::name);
    return found == columns.end() ? nullptr : &*found;
}

std::optional<Extra> extra_of(const WantedTable& table) {
    if (table.name == "daily" || table.name == "daily_delay") return Extra::statistics;
    if (table.name == "fact" || table.name == "spf_network") return Extra::facts;
    return {};
}

const std::vector<WantedTable>& wanted_tables(Database database) {
    static const std::vector<WantedTable> sqlite = read_tables(Database::sqlite);
    static const std::vector<WantedTable> postgresql = read_tables(Database::postgresql);
    static const std::vector<WantedTable> mysql = read_tables(Database::mysql);
    switch (database) {
        case Database::postgresql:
            return postgresql;
        case Database::mysql:
            return mysql;
        case Database::sqlite:
            break;
    }
    return sqlite;
}

std::string_view tables_text(Database database) {
    switch (database) {
        case Database::postgresql:
            return postgresql_tables().front().text;
        case Database::mysql:
            return mysql_tables().front().text;
        case Database::sqlite:
            break;
    }
    return sqlite_tables().front().text;
}

}  // namespace sqlgrey::store
