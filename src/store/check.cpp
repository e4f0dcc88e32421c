#include "sqlgrey/store/check.hpp"

#include "hosts.hpp"
#include "schema.hpp"
#include "schema_words.hpp"
#include "session.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/time_limit.hpp"

#include <cerrno>
#include <filesystem>

#include <unistd.h>

namespace sqlgrey::store {
namespace {

constexpr base::Seconds time_to_count{30};

void problem(DatabaseCheck& check, const std::string& text) {
    check.usable = false;
    check.problems.push_back(text);
}

// SQLite writes the file and makes others beside it.
bool file_is_there(const Target& target, DatabaseCheck& check) {
    const std::filesystem::path directory = std::filesystem::absolute(target.name).parent_path();
    if (::access(directory.c_str(), W_OK | X_OK) != 0)
        problem(check, base::with_errno("directory " + directory.string(), errno) +
                           "; it must exist and be writable for sqlgrey's user, SQLite makes files in it");
    if (::access(target.name.c_str(), F_OK) != 0) {
        if (check.usable)
            check.findings.push_back("there is no file " + target.name + " yet: it would be made");
        return false;
    }
    if (::access(target.name.c_str(), R_OK | W_OK) != 0)
        problem(check, base::with_errno(target.name, errno) + "; give it to sqlgrey's user: chown");
    return check.usable;
}

std::string together(const std::vector<std::string>& steps) {
    std::string text;
    for (const std::string& step : steps) text += (text.empty() ? "" : "; ") + step;
    return text;
}

std::string purpose_of(Extra extra) {
    return extra == Extra::statistics ? "for daily statistics" : "for facts about strangers (enrich)";
}

void tell(const SchemaOutlook& outlook, DatabaseCheck& check) {
    if (outlook.no_tables)
        check.findings.push_back("there are no tables yet: they would be made");
    else if (outlook.from_perl)
        check.findings.push_back(shown(outlook.rows) + " would be taken over" +
                                 (outlook.duplicates > 0
                                      ? ", duplicates of " + std::to_string(outlook.duplicates) + " merged"
                                      : ""));
    else if (!outlook.steps.empty())
        check.findings.push_back("has " + shown(outlook.rows) +
                                 "; would be done: " + together(outlook.steps));
    else
        check.findings.push_back("up to date, nothing would be done; has " + shown(outlook.rows));
}

void look(Session& session, Database database, DatabaseCheck& check) {
    const SchemaOutlook seen = outlook(session, database);
    for (const std::string& text : seen.problems) problem(check, text);
    if (!check.usable) return;
    tell(seen, check);
    if (!seen.no_tables)
        for (const auto& [extra, steps] : seen.extra_steps)
            check.findings.push_back(purpose_of(extra) + " would be done: " + together(steps));
    if (seen.steps.empty()) return;
    for (const std::string& right : missing_rights(session, database)) problem(check, right);
}

void look_bounded(const Target& target, DatabaseCheck& check) {
    Session session(target, Purpose::inspection);
    const base::TimeLimit limit(time_to_count, [&] { session.interrupt(); });
    DatabaseCheck found;
    session.visit([&] {
        found = check;
        look(session, target.database, found);
    });
    check = found;
}

}  // namespace

DatabaseCheck check_database(const Target& target) {
    DatabaseCheck check;
    if (target.database == Database::sqlite && !file_is_there(target, check)) return check;
    Target own_target = target;
    own_target.replicas.clear();
    own_target.time_limit = std::max<base::Milliseconds>(target.time_limit, time_to_count);
    try {
        open_first_good(own_target, [&](const Target& one) {
            look_bounded(one, check);
            return true;
        });
    } catch (const greylist::StoreFailure& error) {
        problem(check, error.what());
    }
    return check;
}

}  // namespace sqlgrey::store
