#include "schema_plan.hpp"

#include "mysql_text.hpp"
#include "schema_words.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>

namespace sqlgrey::store {
namespace {

constexpr const char* row_number_column =
    "sqlgrey_row";  // tells MySQL's duplicates apart while they are merged

// True if the lookup finds rows of the table by the first columns of its key.
bool is_looked_up(const WantedTable& table) {
    return table.column("src") != nullptr;
}

class Planner {
  public:
    Planner(Session& session, Database database, const Catalog& catalog, Depth depth, base::Time counts_since)
        : session_(session),
          database_(database),
          words_(schema_words_of(database)),
          catalog_(catalog),
          depth_(depth),
          counts_since_(counts_since) {}

    SchemaPlan plan() {
        // config first, because steps of other tables keep a note in it.
        const auto& tables = wanted_tables(database_);
        const auto config = std::ranges::find(tables, "config", &WantedTable::name);
        plan_table(*config);
        if (!catalog_.contains("config")) return plan_;
        for (const WantedTable& table : tables)
            if (&table != &*config && !extra_of(table)) plan_table(table);
        for (const WantedTable& table : tables)
            if (const auto extra = extra_of(table)) plan_extra(table, *extra);
        return plan_;
    }

  private:
    // It must not keep a daemon from deciding.
    void plan_extra(const WantedTable& table, Extra extra) {
        const std::size_t steps = plan_.steps.size(), problems = plan_.problems.size();
        plan_table(table);
        for (Step& step : std::span(plan_.steps).subspan(steps)) {
            step.need = Step::Need::useful;
            step.extra = extra;
        }
        const auto first = plan_.problems.begin() + static_cast<std::ptrdiff_t>(problems);
        std::vector<std::string>& of_extra = plan_.problems_of[extra];
        of_extra.insert(of_extra.end(), first, plan_.problems.end());
        plan_.problems.erase(first, plan_.problems.end());
    }

    void plan_table(const WantedTable& wanted) {
        const auto there = catalog_.find(wanted.name);
        if (there == catalog_.end()) return needed(wanted, "make table " + wanted.name, {wanted.statement});
        const FoundTable& found = there->second;
        const std::size_t problems = plan_.problems.size();
        if (add_columns(wanted, found) || widen(wanted, found)) return;
        look_for_problems(wanted, found);
        if (plan_.problems.size() > problems) return;
        if (make_bytes(wanted, found) || add_keys(wanted, found) || add_indexes(wanted, found)) return;
        tidy(wanted, found);
    }

    // -- columns -----------------------------------------------------------------------------------
    bool add_columns(const WantedTable& wanted, const FoundTable& found) {
        bool missing = false;
        for (const WantedColumn& column : wanted.columns) {
            if (found.column(column.name)) continue;
            missing = true;
            if (column.can_be_added() || column.is_time())
                needed(wanted, "add column " + column.name + " to " + wanted.name,
                       {words_.add_column(wanted.name, column)});
            else
                plan_.problems.push_back(
                    "table " + wanted.name + " has no column " + column.name +
                    ", and its rows mean nothing without it: put the table aside by \"alter table " +
                    wanted.name + " rename to " + wanted.name +
                    "_old\", then start again: a new one is made");
        }
        return missing;
    }

    bool widen(const WantedTable& wanted, const FoundTable& found) {
        if (database_ != Database::postgresql) return false;
        bool narrow = false;
        for (const FoundColumn& column : found.columns) {
            const WantedColumn* as_ours = wanted.column(column.name);
            if (!as_ours || column.length == 0 || column.length >= as_ours->length) continue;
            narrow = true;
            needed(wanted, "widen column " + column.name + " of " + wanted.name,
                   {"alter table " + wanted.name + " alter column " + column.name + " type varchar(" +
                    std::to_string(as_ours->length) + ")"});
        }
        return narrow;
    }

    bool make_bytes(const WantedTable& wanted, const FoundTable& found) {
        if (database_ != Database::mysql) return false;
        const std::vector<Step> steps = text_steps(session_, wanted, found, depth_);
        plan_.steps.insert(plan_.steps.end(), steps.begin(), steps.end());
        return !steps.empty();
    }

    // -- what stands in the way --------------------------------------------------------------------
    void look_for_problems(const WantedTable& wanted, const FoundTable& found) {
        for (const FoundColumn& column : found.columns)
            if (column.needs_value && !wanted.column(column.name))
                plan_.problems.push_back(
                    "table " + wanted.name + " has a column " + column.name +
                    " that must not be empty and has no default, so no row can be put in: " +
                    words_.advice_for_default(wanted.name, column));
        if (is_plain(wanted, found)) return;  // will be rebuilt, with its indexes
        for (const FoundIndex& index : found.indexes)
            if (index.unique && stands_in_the_way(index, wanted))
                plan_.problems.push_back(
                    "index " + index.name + " of table " + wanted.name + " lets only one row in for each " +
                    listed(index.columns) + ", but " + wanted.name + " has one for each " +
                    listed(wanted.keys.front()) + ": drop it by \"" +
                    (index.primary && database_ != Database::sqlite
                         ? "alter table " + wanted.name + " drop " +
                               (database_ == Database::mysql ? "primary key" : "constraint " + index.name)
                         : words_.drop_index(wanted.name, index.name)) +
                    "\"");
    }

    // A unique index of fewer columns than the key has, or of their beginnings, refuses rows that differ.
    static bool stands_in_the_way(const FoundIndex& index, const WantedTable& wanted) {
        const ColumnNames& key = wanted.keys.back();
        const bool is_key =
            std::ranges::any_of(wanted.keys, [&](const ColumnNames& one) { return index.covers(one); });
        if (is_key && !index.coarse) return false;
        return std::ranges::all_of(index.columns, [&](const std::string& column) {
            return std::ranges::find(key, column) != key.end();
        });
    }

    // -- keys --------------------------------------------------------------------------------------
    bool add_keys(const WantedTable& wanted, const FoundTable& found) {
        for (const ColumnNames& key : wanted.keys) {
            if (found.has_key(key)) continue;
            if (depth_ == Depth::rows && count_duplicates(session_, wanted.name, key) > 0)
                merge(wanted, found, key);
            else if (is_plain(wanted, found))
                needed(wanted, "give " + wanted.name + " its key", rebuilt(wanted));
            else
                needed(wanted, "add a unique index of " + listed(key) + " to " + wanted.name,
                       {words_.add_key(wanted.name, key, found.primary_key() != nullptr)});
            return true;
        }
        return false;
    }

    // Of duplicates in connect the row with the oldest first_seen that still counts stays; if none counts,
    // the newest.
    std::string order(const WantedTable& wanted) const {
        if (wanted.name == "connect") {
            const std::string limit =
                session_.dialect().words.timestamp(std::to_string(base::epoch(counts_since_)));
            const std::string counts = "case when first_seen >= " + limit + " then ";
            return counts + "0 else 1 end, " + counts + "first_seen end, first_seen desc";
        }
        if (wanted.column("last_seen")) return "last_seen desc";
        return wanted.name == "config" ? "value desc" : wanted.columns.front().name;
    }

    void merge(const WantedTable& wanted, const FoundTable& found, const ColumnNames& key) {
        const ColumnNames id = words_.row_id(found);
        if (id.empty())
            return needed(wanted, "number the rows of " + wanted.name,
                          {"alter table " + wanted.name + " add column " + row_number_column +
                           " bigint unsigned not null auto_increment unique"});
        needed(wanted, "merge duplicates in " + wanted.name, {});
        Step& step = plan_.steps.back();
        step.merges = true;
        if (wanted.column("last_seen")) step.statements.push_back(words_.spread_first_seen(wanted.name, key));
        step.statements.push_back(words_.delete_duplicates(wanted.name, id, key, order(wanted)));
    }

    // -- SQLite: tables with only Perl's or our columns and indexes are rebuilt ----------------------
    bool is_plain(const WantedTable& wanted, const FoundTable& found) const {
        if (database_ != Database::sqlite || found.entangled) return false;
        const bool columns = std::ranges::all_of(
            found.columns, [&](const FoundColumn& column) { return wanted.column(column.name) != nullptr; });
        const bool indexes = std::ranges::all_of(found.indexes, [&](const FoundIndex& index) {
            return index.name.starts_with("sqlite_autoindex_") || index.name == wanted.name + "_idx" ||
                   std::ranges::find(wanted.indexes, index.name, &WantedIndex::name) != wanted.indexes.end();
        });
        return columns && indexes;
    }

    std::vector<std::string> rebuilt(const WantedTable& wanted) const {
        ColumnNames names;
        for (const WantedColumn& column : wanted.columns) names.push_back(column.name);
        const std::string columns = listed(names), anew = "sqlgrey_" + wanted.name;
        std::string statement = wanted.statement;
        statement.replace(statement.find(wanted.name), wanted.name.size(), anew);
        return {"drop table if exists " + anew, statement,
                "insert into " + anew + " (" + columns + ")\nselect " + columns + " from " + wanted.name +
                    "\norder by " + listed(wanted.keys.front()),
                "drop table " + wanted.name, "alter table " + anew + " rename to " + wanted.name};
    }

    // -- indexes -----------------------------------------------------------------------------------
    bool add_indexes(const WantedTable& wanted, const FoundTable& found) {
        const std::size_t before = plan_.steps.size();
        for (const WantedIndex& index : wanted.indexes)
            if (!found.has_index(index.columns)) add_index(wanted, index);
        if (is_looked_up(wanted) && wanted.keys.front().size() > 1) {
            const ColumnNames& key = wanted.keys.front();
            const ColumnNames first(key.begin(), key.end() - 1);
            if (!found.has_index(first)) add_index(wanted, {wanted.name + "_idx", first});
        }
        return plan_.steps.size() > before;
    }

    void add_index(const WantedTable& wanted, WantedIndex index) {
        const bool taken = std::ranges::any_of(
            catalog_, [&](const auto& table) { return table.second.index(index.name) != nullptr; });
        if (taken) index.name += "_sqlgrey";
        add(Step::Need::useful, wanted, "add an index of " + listed(index.columns) + " to " + wanted.name,
            {words_.add_index(wanted.name, index)});
    }

    void tidy(const WantedTable& wanted, const FoundTable& found) {
        if (found.column(row_number_column))
            return add(Step::Need::useful, wanted,
                       "drop column " + std::string{row_number_column} + " of " + wanted.name,
                       {"alter table " + wanted.name + " drop column " + row_number_column});
        // A key that begins with these columns serves the lookup as well.
        const FoundIndex* idx = found.index("connect_idx");
        if (wanted.name == "connect" && idx && !idx->unique && serves_as(found, *idx))
            return add(Step::Need::wished, wanted, "drop index connect_idx",
                       {words_.drop_index(wanted.name, idx->name)});
        if (database_ == Database::mysql && !found.kind.empty())
            return add(Step::Need::wished, wanted,
                       "turn " + wanted.name + " from " + found.kind + " into InnoDB",
                       {"alter table " + wanted.name + " engine = innodb"});
        const bool is_ours =
            found.kind == "without rowid" || wanted.statement.find("without rowid") == std::string::npos;
        if (!is_ours && is_plain(wanted, found))
            add(Step::Need::wished, wanted, "put the rows of " + wanted.name + " into the tree of their key",
                rebuilt(wanted));
    }

    static bool serves_as(const FoundTable& found, const FoundIndex& idx) {
        return std::ranges::any_of(found.indexes, [&](const FoundIndex& other) {
            return other.unique && other.usable && other.begins_with(idx.columns);
        });
    }

    void add(Step::Need need, const WantedTable& table, std::string what,
             std::vector<std::string> statements) {
        plan_.steps.push_back({need, table.name, std::move(what), std::move(statements)});
    }
    void needed(const WantedTable& table, std::string what, std::vector<std::string> statements) {
        add(Step::Need::needed, table, std::move(what), std::move(statements));
    }

    Session& session_;
    Database database_;
    const SchemaWords& words_;
    const Catalog& catalog_;
    Depth depth_;
    base::Time counts_since_;
    SchemaPlan plan_;
};

}  // namespace

SchemaPlan plan_schema(Session& session, Database database, const Catalog& catalog, Depth depth,
                       base::Time counts_since) {
    return Planner(session, database, catalog, depth, counts_since).plan();
}

std::int64_t count_duplicates(Session& session, const std::string& table, const ColumnNames& key) {
    std::int64_t count = 0;
    session.raw() << "select count(*) from (select 1 as one from " + table + " group by " + listed(key) +
                         " having count(*) > 1) same",
        soci::into(count);
    return count;
}

}  // namespace sqlgrey::store
