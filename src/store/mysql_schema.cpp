// Inspecting and changing tables in the SQL of MySQL and MariaDB. All changes are ALTER TABLE, so the rights
// INDEX and DROP are not needed.
#include "schema_words.hpp"

#include <algorithm>

namespace sqlgrey::store {
namespace {

class MysqlSchemaWords final : public SchemaWords {
  public:
    std::string tables(const std::string& names) const override {
        return "select t.table_name, case when e.transactions = 'YES' then '' else coalesce(t.engine, '') "
               "end, 0\n"
               "from information_schema.tables t\n"
               "left join information_schema.engines e on e.engine = t.engine\n"
               "where t.table_schema = database() and t.table_name in (" +
               names + ")";
    }
    std::string columns(const std::string& names) const override {
        return "select table_name, column_name, data_type, coalesce(character_maximum_length, 0),\n"
               "    coalesce(character_set_name, ''),\n"
               "    case when collation_name like '%!_ci' escape '!' then 1 else 0 end,\n"
               "    case when is_nullable = 'NO' and column_default is null and extra not like "
               "'%auto_increment%'\n"
               "        and extra not like '%GENERATED%' then 1 else 0 end,\n"
               "    case when extra like '%auto_increment%' then 1 else 0 end\n"
               "from information_schema.columns\n"
               "where table_schema = database() and table_name in (" +
               names + ")\norder by table_name, ordinal_position";
    }
    // An index that holds only the beginnings of its columns has a sub_part (MyISAM has no room for more).
    std::string indexes(const std::string& names) const override {
        return "select table_name, index_name, case when non_unique = 0 then 1 else 0 end,\n"
               "    case when index_name = 'PRIMARY' then 1 else 0 end,\n"
               "    case when sub_part is not null then -1 when column_name is not null and index_type = "
               "'BTREE' then 1 "
               "else 0 end,\n    coalesce(column_name, '')\n"
               "from information_schema.statistics\n"
               "where table_schema = database() and table_name in (" +
               names + ")\norder by table_name, index_name, seq_in_index";
    }

    // These views lack rights granted through a role: then only the start itself can tell.
    std::string missing_rights(const std::string&) const override {
        return "select concat(current_user(), ' has not the right ', w.p, ': as an administrator type "
               "\"grant ', "
               "lower(w.p), ' on ', database(), '.* to ', g.name, '\"')\n"
               "from (select 'CREATE' as p union all select 'ALTER' union all select 'INSERT' union all "
               "select 'UPDATE' "
               "union all select 'DELETE') as w\n"
               "cross join (select concat('''', replace(current_user(), '@', '''@'''), '''') as name) as g\n"
               "where not exists (select 1 from information_schema.user_privileges u\n"
               "        where u.grantee = g.name and u.privilege_type = w.p)\n"
               "    and not exists (select 1 from information_schema.schema_privileges s\n"
               "        where s.grantee = g.name and s.privilege_type = w.p and database() like "
               "s.table_schema)\n"
               "    and not exists (select 1 from information_schema.table_privileges s\n"
               "        where s.grantee = g.name and s.privilege_type = w.p and s.table_schema = database())";
    }

    std::string add_column(const std::string& table, const WantedColumn& column) const override {
        return "alter table " + table + " add column " + column.definition;
    }
    std::string add_index(const std::string& table, const WantedIndex& index) const override {
        return "alter table " + table + " add key " + index.name + " (" + listed(index.columns) + ")";
    }
    std::string drop_index(const std::string& table, const std::string& index) const override {
        return "alter table " + table + " drop key " + index;
    }
    std::string add_key(const std::string& table, const ColumnNames& key, bool has_primary) const override {
        return "alter table " + table +
               (has_primary ? " add unique key " + table + "_key (" : " add primary key (") + listed(key) +
               ")";
    }
    ColumnNames row_id(const FoundTable& table) const override {
        const auto counter = std::ranges::find(table.columns, true, &FoundColumn::counts_up);
        if (counter != table.columns.end()) return {counter->name};
        return table.primary_key() ? table.primary_key()->columns : ColumnNames{};
    }
    std::string delete_duplicates(const std::string& table, const ColumnNames& id, const ColumnNames& key,
                                  const std::string& order) const override {
        return "delete " + table + " from " + table + "\njoin " + ranked_rows(table, id, key, order) +
               " on " + equal_in(id, table, "ranked") + "\nwhere ranked.place > 1";
    }
    // last_seen = itself: MySQL may set a table's first timestamp column to now otherwise.
    std::string spread_first_seen(const std::string& table, const ColumnNames& key) const override {
        return "update " + table + "\njoin " + repeated_keys(table, key) + " on " +
               equal_in(key, table, "same") + "\nset " + table + ".first_seen = same.least_seen, " + table +
               ".last_seen = " + table + ".last_seen\nwhere " + table + ".first_seen > same.least_seen";
    }
    std::string advice_for_default(const std::string& table, const FoundColumn& column) const override {
        const bool is_text = !column.charset.empty() || column.type.find("binary") != std::string::npos;
        return "give it one: \"alter table " + table + " alter column " + column.name + " set default " +
               (is_text ? "''" : "0") + "\"";
    }
};

}  // namespace

const SchemaWords& mysql_schema_words() {
    static const MysqlSchemaWords words;
    return words;
}

}  // namespace sqlgrey::store
