// The SQL of every statement on every database, beside the file in which it can be read and reviewed.
#include "look_up.hpp"
#include "statement.hpp"
#include "tables/administration.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <catch2/catch.hpp>

namespace sqlgrey::store {
namespace {

constexpr std::size_t rows_shown = 2;
constexpr const char* renew = "SQLGREY_RENEW_GOLDEN";

using Texts = std::map<std::string, std::string>;  // by the heading

std::string heading_of(const StatementDefinition& statement, const std::string& variant, std::size_t rows) {
    return std::string{"-- "} + statement.name + variant +
           (rows ? ", " + std::to_string(rows) + " rows" : "") + "\n";
}

// In the order of their identifiers. Those that a database does without have no text.
std::vector<std::pair<std::string, std::string>> texts_of(const Dialect& dialect) {
    std::vector<std::pair<std::string, std::string>> texts;
    for (const StatementDefinition& statement : all_statements()) {
        std::vector<std::pair<std::string, PartSet>> variants{{"", 0}};
        if (statement.id == StatementId::look_up)
            variants = {{" of the default settings", parts_for({})},
                        {" of all parts", all_parts()},
                        {" of all parts, behind the auto-whitelists too", all_parts() | behind_awl}};
        if (statement.id == StatementId::look_up_elsewhere)
            variants = {{" of the default settings", parts_for({})}, {" of all parts", all_parts()}};
        if (const auto shown = shown_variants(statement.id); !shown.empty()) variants = shown;
        const std::size_t rows = statement.takes_rows ? dialect.rows.rows_of_statement(rows_shown) : 0;
        const std::size_t shown = rows == 1 ? dialect.rows.rows_of_statement(4) : rows;
        for (const auto& [variant, parts] : variants) {
            const std::string text = statement.make(dialect, {statement.id, parts, shown}).text;
            if (!text.empty()) texts.emplace_back(heading_of(statement, variant, shown), text + ";\n\n");
        }
    }
    return texts;
}

Texts in_file(const std::string& path) {
    std::ifstream file(path);
    Texts texts;
    std::string heading;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("-- "))
            heading = line + "\n";
        else
            texts[heading] += line + "\n";
    }
    return texts;
}

void compare(const Dialect& dialect, const std::string& name) {
    const std::string path = std::string{GOLDEN_DIR} + "/" + name + ".sql";
    if (std::getenv(renew)) {
        std::ofstream file(path);
        for (const auto& [heading, text] : texts_of(dialect)) file << heading << text;
    }
    INFO("to renew " << path << " and review its changes: " << renew << "=1 test_store_sql; git diff");
    Texts expected = in_file(path);
    for (const auto& [heading, text] : texts_of(dialect)) {
        INFO("statement " << heading);
        CHECK(text == expected[heading]);
        expected.erase(heading);
    }
    for (const auto& [heading, text] : expected) FAIL_CHECK("no longer a statement: " << heading);
}

}  // namespace

TEST_CASE("the statements on SQLite are those of golden/sqlite.sql") {
    compare(sqlite_dialect(), "sqlite");
}
TEST_CASE("the statements on PostgreSQL are those of golden/postgresql.sql") {
    compare(postgresql_dialect(), "postgresql");
}
TEST_CASE("the statements on MySQL are those of golden/mysql.sql") {
    compare(mysql_dialect(), "mysql");
}

}  // namespace sqlgrey::store
