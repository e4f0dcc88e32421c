#include "errors.hpp"

namespace sqlgrey::store {
namespace {

using greylist::StoreError;
using Fault = greylist::StoreError::Fault;

// SOCI appends the whole statement with its values, which may be mail addresses.
std::string_view without_statement(std::string_view message) {
    for (const char* addition :
         {" while executing \"", " while preparing \"", " while fetching data", " with :p0="})
        message = message.substr(0, message.find(addition));
    return message;
}

// Cuts off what SOCI puts in front: "sqlite3_statement_backend::prepare: no such table", "Cannot execute
// query. ERROR: ...".
std::string_view without_functions(std::string_view message) {
    for (const std::string_view beginning :
         {"Cannot establish connection to the database.", "Cannot execute query.",
          "Cannot prepare statement.", "Fatal error."})
        if (message.starts_with(beginning)) message.remove_prefix(beginning.size());
    const std::size_t colons = message.find("::");
    const std::size_t end = message.find(": ");
    if (colons != std::string_view::npos && end != std::string_view::npos && colons < end &&
        message.substr(0, colons).find(' ') == std::string_view::npos)
        message.remove_prefix(end + 2);
    return message;
}

std::string in_statement(const Failed& failed) {
    return failed.statement.empty() ? "" : " (statement " + failed.statement + ")";
}

std::string access_advice(const Failed& failed, const Target& target) {
    if (target.database == Database::sqlite)
        return "the file, its directory and, if they exist, its -wal and -shm next to it must be writable "
               "for "
               "sqlgrey's user";
    if (failed.statement.empty())
        return "correct db_user, db_pass, db_name and db_host, or the rights of that user at the server";
    return "grant user " + target.user + " select, insert, update and delete on all tables of the database";
}

std::string advice(const Failed& failed, const Target& target) {
    switch (failed.error) {
        case ErrorClass::access:
            return access_advice(failed, target);
        case ErrorClass::schema:
            return "the tables differ from those of sqlgrey --print-schema: correct them; a missing table is "
                   "made "
                   "again by a reload (HUP) or a restart";
        case ErrorClass::damaged:
            return target.database == Database::sqlite
                       ? "restore it from a backup, or move it away and sqlgrey makes an empty one"
                       : "repair the table or restore it from a backup";
        case ErrorClass::full:
            return "make room on its disk";
        default:
            return "the tables are not as sqlgrey expects them, or this is a fault of sqlgrey: please report "
                   "it";
    }
}

Fault fault_of(ErrorClass error) {
    switch (error) {
        case ErrorClass::access:
            return Fault::access;
        case ErrorClass::schema:
            return Fault::schema;
        case ErrorClass::damaged:
            return Fault::damaged;
        case ErrorClass::full:
            return Fault::full;
        default:
            return Fault::statement;
    }
}

std::string server_of(const Target& target) {
    std::string names;
    for (const Host& host : target.hosts) {
        names += (names.empty() ? " at " : ", ") + host.name;
        if (host.port) names += ":" + std::to_string(host.port);
    }
    return names;
}

}  // namespace

std::string described(const Target& target) {
    switch (target.database) {
        case Database::postgresql:
            return "PostgreSQL database " + target.name + server_of(target);
        case Database::mysql:
            return "MySQL database " + target.name + server_of(target);
        case Database::sqlite:
            break;
    }
    return "SQLite file " + target.name;
}

std::string with_database(const std::string& what, const Target& target) {
    const std::string database = described(target);
    return what.starts_with(database) ? what : database + ": " + what;
}

std::string one_line(std::string_view message) {
    message = without_functions(without_statement(message));
    std::string line;
    for (const char c : message) {
        const bool blank = c == '\n' || c == '\r' || c == '\t' || c == ' ';
        if (blank && (line.empty() || line.back() == ' ')) continue;
        line += blank ? ' ' : c;
    }
    while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
    return line;
}

void throw_failure(const Failed& failed, const Target& target) {
    const std::string what = described(target) + ": " + failed.words;
    switch (failed.error) {
        case ErrorClass::locked:
            throw Locked(what + in_statement(failed));
        case ErrorClass::retryable:
        case ErrorClass::unavailable:
            throw greylist::StoreUnavailable(what);
        default:
            throw StoreError(fault_of(failed.error),
                             what + in_statement(failed) + "; " +
                                 (failed.done.empty() ? advice(failed, target) : failed.done));
    }
}

}  // namespace sqlgrey::store
