#include "schema.hpp"

#include "mysql_migrations.hpp"
#include "postgresql_migrations.hpp"
#include "sqlgrey/base/embedded_file.hpp"
#include "sqlite_migrations.hpp"
#include "statements.hpp"

#include <charconv>
#include <span>

namespace sqlgrey::store {
namespace {

constexpr const char* level_row = "sqlgrey_schema";
constexpr int perl_tables = 1;  // level of a database that Perl SQLgrey 1.8 made

std::span<const base::EmbeddedFile> migrations_of(Database database) {
    switch (database) {
        case Database::postgresql:
            return postgresql_migrations();
        case Database::mysql:
            return mysql_migrations();
        case Database::sqlite:
            break;
    }
    return sqlite_migrations();
}

// "sql/sqlite/002_connect_key.sql" -> 2
int level_of(std::string_view file) {
    const std::string_view name = file.substr(file.rfind('/') + 1);
    int level = 0;
    std::from_chars(name.data(), name.data() + name.size(), level);
    return level;
}

// The statements of a migration: each ends with ';' at the end of a line; lines of comment are left out.
std::vector<std::string> statements_in(std::string_view text) {
    std::vector<std::string> statements(1);
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.starts_with("--")) continue;
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

bool exists(Session& session, const std::string& table) {
    int found = 0;
    session.raw() << session.dialect().table_exists(table), soci::into(found);
    return found == 1;
}

std::string config(Session& session, const std::string& name) {
    std::string value;
    Prepared& read = session.prepared("read_config", statements::read_config);
    read.bind(name).query([&](const Prepared& row) { value = row.text(0); });
    return value;
}

int current_level(Session& session) {
    if (!exists(session, "config")) return 0;
    const std::string level = config(session, level_row);
    if (!level.empty()) return std::atoi(level.c_str());
    const std::string version = config(session, "version");
    if (version.empty()) return 0;
    if (version != "3")
        throw greylist::StoreUnavailable("the tables have version " + version +
                                         " of SQLgrey, not 3 (config.version): start SQLgrey 1.8 "
                                         "on them once, it brings them to 3; then start this one");
    return exists(session, "connect") ? perl_tables : 0;
}

// The text with the time put in where a migration asks for it.
std::string with_time(std::string text, const Dialect& dialect, base::Time counts_since) {
    const std::string marker = "{counts_since}";
    const std::string limit = dialect.timestamp(std::to_string(base::epoch(counts_since)));
    for (auto at = text.find(marker); at != std::string::npos; at = text.find(marker))
        text.replace(at, marker.size(), limit);
    return text;
}

void run(Session& session, std::string_view file, const std::string& statement, base::Time counts_since) {
    try {
        session.raw() << with_time(statement, session.dialect(), counts_since);
    } catch (const soci::soci_error& error) {
        switch (session.dialect().classify(error, session.raw())) {
            case ErrorClass::already_done:
                return;
            case ErrorClass::retryable:
            case ErrorClass::locked:
            case ErrorClass::unavailable:
                throw;
            default:
                break;
        }
        throw greylist::StoreError(
            greylist::StoreError::Fault::schema,
            "the schema cannot be brought up to date by " + std::string{file} + ": " +
                one_line(error.what()) +
                " (what it does: sqlgrey --print-schema; it needs the rights of the tables' owner)");
    }
}

void run_missing(Session& session, Database database, base::Time counts_since) {
    const int level = current_level(session);
    for (const base::EmbeddedFile& file : migrations_of(database)) {
        if (level_of(file.name) <= level) continue;
        for (const std::string& statement : statements_in(file.text))
            run(session, file.name, statement, counts_since);
        Prepared& put = session.prepared("put_config", statements::put_config);
        put.bind(level_row).bind(std::to_string(level_of(file.name))).change();
    }
}

void give_back(Session& session) noexcept {
    try {
        if (session.dialect().schema_is_transactional())
            session.raw() << "rollback";
        else
            session.dialect().unlock_schema(session.raw());
    } catch (const std::exception&) {
        // The connection is gone, and the lock with it.
    }
}

}  // namespace

bool is_up_to_date(Session& session, Database database) {
    return current_level(session) >= level_of(migrations_of(database).back().name);
}

void migrate(Session& session, Database database, base::Time counts_since) {
    session.dialect().lock_schema(session.raw());
    try {
        run_missing(session, database, counts_since);
    } catch (const std::exception&) {
        give_back(session);
        throw;
    }
    session.dialect().unlock_schema(session.raw());
}

std::string schema_text(Database database) {
    std::string text;
    for (const base::EmbeddedFile& file : migrations_of(database))
        text.append("-- ").append(file.name).append("\n").append(file.text).append("\n");
    text +=
        std::string{"-- the level that this brings it to\ninsert into config (parameter, value) values ('"} +
        level_row + "', '" + std::to_string(level_of(migrations_of(database).back().name)) + "');\n";
    return with_time(text, dialect_of(database), base::at(0));
}

}  // namespace sqlgrey::store
