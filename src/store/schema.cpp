#include "schema.hpp"

#include "mysql_text.hpp"
#include "postgresql_text.hpp"
#include "schema_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

namespace sqlgrey::store {
namespace {

using greylist::StoreError;

// The level of the tables in tables.sql. Raise it when an older sqlgrey must no longer work on them.
constexpr int our_level = 5;
constexpr const char* level_row = "sqlgrey_schema";
constexpr const char* perl_version = "3";
constexpr int most_passes = 100;  // a table takes ten at most

StoreError unusable(const std::string& what) {
    return {StoreError::Fault::schema, what};
}

std::string config(Session& session, const std::string& name) {
    std::string value;
    session.prepared({StatementId::read_config}).bind(name).query([&](const Prepared& row) {
        value = row.text(0);
    });
    return value;
}

struct Level {
    int number = 0;       // 0: not ours yet
    std::string of_perl;  // config.version
    std::string problem;  // why these tables cannot be used
    bool is_perls() const { return number == 0 && of_perl == perl_version; }
};

Level level_of(Session& session, const Catalog& catalog) {
    Level level;
    const auto table = catalog.find("config");
    if (table == catalog.end() || !table->second.column("value") || !table->second.column("parameter"))
        return level;
    level.number = std::atoi(config(session, level_row).c_str());
    level.of_perl = config(session, "version");
    if (level.number > our_level)
        level.problem =
            "the tables have level " + std::to_string(level.number) + " (config." + level_row +
            "), this sqlgrey knows levels up to " + std::to_string(our_level) +
            ": a newer sqlgrey has changed them; install that version here too, or name another database "
            "(db_name)";
    else if (level.number == 0 && !level.of_perl.empty() && level.of_perl != perl_version)
        level.problem = "the tables have version " + level.of_perl + " of SQLgrey, not " + perl_version +
                        " (config.version): start SQLgrey 1.8 on them once, it brings them to " +
                        perl_version + "; then start this one";
    return level;
}

// True if the tables are not to blame.
bool may_pass(ErrorClass error) {
    return error == ErrorClass::retryable || error == ErrorClass::locked || error == ErrorClass::unavailable;
}

// Runs the statements of a plan, and plans again, until nothing is left to do.
class Migration {
  public:
    Migration(Session& session, Database database, base::Time counts_since)
        : session_(session), database_(database), counts_since_(counts_since) {}

    SchemaReport run() {
        Catalog catalog = read_catalog(session_);
        const Level level = level_of(session_, catalog);
        if (!level.problem.empty()) throw unusable(level.problem);
        // Some tables exist already if another node of a Galera cluster is making them as well.
        const bool half_made = catalog.contains("config") && level.number == 0 && level.of_perl.empty();
        report_.made = half_made || (!catalog.contains("connect") && !catalog.contains("from_awl"));
        const bool take_over = level.is_perls() && catalog.contains("connect");
        tidies_ = level.number < our_level;
        for (int pass = 0; do_steps(catalog); ++pass) {
            if (pass == most_passes) throw unusable("bringing the tables up to date does not come to an end");
            catalog = read_catalog(session_);
        }
        if (database_ == Database::postgresql && tidies_ && !report_.made)
            for (const Step& step : steps_to_single_utf8(session_, catalog)) do_if_possible(step);
        put_rows();
        for (const WantedTable& table : wanted_tables(database_))
            if (converted_.contains(table.name))
                report_.unmatched += database_ == Database::mysql ? count_unmatched(session_, table)
                                                                  : count_double_utf8(session_, table);
        if (take_over) report_.taken_over = count_rows(session_);
        return std::move(report_);
    }

    static RowCounts count_rows(Session& session) {
        RowCounts rows;
        session.raw() << "select count(*) from from_awl", soci::into(rows.senders);
        session.raw() << "select count(*) from domain_awl", soci::into(rows.domains);
        session.raw() << "select count(*) from connect", soci::into(rows.waiting);
        return rows;
    }

  private:
    // False if there was nothing to do.
    bool do_steps(const Catalog& catalog) {
        const SchemaPlan plan = plan_schema(session_, database_, catalog, Depth::rows, counts_since_);
        if (!plan.problems.empty()) throw unusable(plan.problems.front());
        bool did = false;
        for (const Step& step : plan.steps) {
            if (step.need == Step::Need::wished && !tidies_) continue;
            if (given_up_.contains(step.what)) continue;
            did = true;
            step.need == Step::Need::needed ? do_needed(step) : do_if_possible(step);
        }
        return did;
    }

    // A step fails if a daemon on another Galera node has just done it, because the lock holds on one node
    // only. Then the next plan does not have it. A step that fails twice cannot be done.
    void do_needed(const Step& step) {
        try {
            do_step(step);
        } catch (const soci::soci_error& error) {
            const bool may_be_done =
                !session_.driver().schema_is_transactional() && failed_.insert(step.what).second;
            if (may_be_done && recovered()) return;
            refuse(step, error);
        }
    }

    [[noreturn]] void refuse(const Step& step, const soci::soci_error& error) {
        if (may_pass(session_.driver().classify(error)) || !recovered()) throw;
        throw unusable("the tables cannot be brought up to date, it fails to " + step.what + ": " +
                       one_line(error.what()) + " (the statement: " + statement_ +
                       "; it needs the rights of the tables' owner)");
    }

    void do_if_possible(const Step& step) {
        const bool inside = session_.driver().schema_is_transactional();
        try {
            if (inside) session_.raw() << "savepoint sqlgrey_step";
            do_step(step);
        } catch (const soci::soci_error& error) {
            if (inside) session_.raw() << "rollback to savepoint sqlgrey_step";
            if (!inside && !recovered()) throw;
            given_up_.insert(step.what);
            report_.not_done.push_back(step.what + ": " + one_line(error.what()));
        }
    }

    void do_step(const Step& step) {
        for (const std::string& statement : step.statements) {
            statement_ = statement;
            if (step.merges)
                report_.merged += merged(step, statement);
            else
                session_.raw() << statement;
        }
        if (step.converts) converted_.insert(step.table);
        report_.done.push_back(step.what);
    }

    std::int64_t merged(const Step& step, const std::string& statement) {
        const std::int64_t rows = Prepared(session_.driver(), nullptr, Sql{statement, {}, {}}).change();
        return &statement == &step.statements.back() ? rows : 0;
    }

    // Rolls back; true if the connection can still be used.
    bool recovered() noexcept {
        try {
            session_.raw() << "rollback";
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }

    void put_rows() {
        for (const auto& [name, value] : {std::pair{"version", perl_version}, std::pair{"last_dbclean", "0"}})
            session_.prepared({StatementId::add_config}).bind(name).bind(value).change();
        session_.prepared({StatementId::put_config}).bind(level_row).bind(std::to_string(our_level)).change();
    }

    Session& session_;
    Database database_;
    base::Time counts_since_;
    bool tidies_ = false;
    SchemaReport report_;
    std::string statement_;         // the one that runs or has failed
    std::set<std::string> failed_;  // steps that another daemon may have done
    std::set<std::string> given_up_;
    std::set<std::string> converted_;  // tables
};

void give_back(Session& session) noexcept {
    try {
        if (session.driver().schema_is_transactional())
            session.raw() << "rollback";
        else
            session.driver().unlock_schema();
    } catch (const std::exception&) {
        // The connection is lost, and the lock with it.
    }
}

bool is_needed(const Step& step) {
    return step.need != Step::Need::wished && !step.extra;
}

}  // namespace

bool is_made(Session& session) {
    return !config(session, level_row).empty();
}

bool is_up_to_date(Session& session, Database database) {
    const Catalog catalog = read_catalog(session);
    const Level level = level_of(session, catalog);
    if (!level.problem.empty()) throw unusable(level.problem);
    if (level.number < our_level || level.of_perl.empty()) return false;
    const SchemaPlan plan = plan_schema(session, database, catalog, Depth::shape);
    if (!plan.problems.empty()) throw unusable(plan.problems.front());
    return std::ranges::none_of(plan.steps, is_needed);
}

bool is_up_to_date(Session& session, Database database, Extra extra) {
    const Catalog catalog = read_catalog(session);
    if (!catalog.contains("config")) return false;  // nothing else is planned before it
    const SchemaPlan plan = plan_schema(session, database, catalog, Depth::shape);
    const auto problems = plan.problems_of.find(extra);
    if (problems != plan.problems_of.end() && !problems->second.empty())
        throw unusable(problems->second.front());
    return std::ranges::none_of(plan.steps, [extra](const Step& step) { return step.extra == extra; });
}

SchemaReport migrate(Session& session, Database database, base::Time counts_since) {
    session.driver().lock_schema();
    SchemaReport report;
    try {
        report = Migration(session, database, counts_since).run();
    } catch (const std::exception&) {
        give_back(session);
        throw;
    }
    session.driver().unlock_schema();
    return report;
}

SchemaOutlook outlook(Session& session, Database database) {
    SchemaOutlook outlook;
    const Catalog catalog = read_catalog(session);
    const Level level = level_of(session, catalog);
    if (!level.problem.empty()) {
        outlook.problems = {level.problem};
        return outlook;
    }
    outlook.no_tables = catalog.empty();
    outlook.from_perl = level.is_perls();
    const SchemaPlan plan = plan_schema(session, database, catalog, Depth::shape);
    outlook.problems = plan.problems;
    for (const Step& step : plan.steps) {
        if (step.extra)
            outlook.extra_steps[*step.extra].push_back(step.what);
        else if (is_needed(step) || level.number < our_level)
            outlook.steps.push_back(step.what);
    }
    const bool has_rows =
        catalog.contains("from_awl") && catalog.contains("domain_awl") && catalog.contains("connect");
    if (has_rows) outlook.rows = Migration::count_rows(session);
    if (has_rows && outlook.from_perl && outlook.problems.empty())
        outlook.duplicates =
            count_duplicates(session, "connect", {"src", "sender_domain", "sender_name", "rcpt"});
    return outlook;
}

std::string schema_text(Database database) {
    return std::string{tables_text(database)} +
           "\n-- version: what a Perl SQLgrey looks for. sqlgrey_schema: the level of these tables.\n"
           "insert into config (parameter, value) values ('version', '" +
           perl_version +
           "');\ninsert into config (parameter, value) values ('last_dbclean', '0');\n"
           "insert into config (parameter, value) values ('" +
           level_row + "', '" + std::to_string(our_level) + "');\n";
}

}  // namespace sqlgrey::store
