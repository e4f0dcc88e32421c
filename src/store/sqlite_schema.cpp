// Inspecting and changing tables in SQLite's SQL.
#include "schema_words.hpp"

namespace sqlgrey::store {
namespace {

class SqliteSchemaWords final : public SchemaWords {
  public:
    std::string tables(const std::string& names) const override {
        return "select m.name, case when instr(lower(m.sql), 'without rowid') > 0 then 'without rowid' else "
               "'' end,\n    (select count(*) from sqlite_master o where o.type <> 'index' and o.name not in "
               "(" +
               names +
               ")\n        and o.sql like '%' || m.name || '%')\n"
               "from sqlite_master m where m.type = 'table' and m.name in (" +
               names + ")";
    }
    // An "integer primary key" is the rowid and fills itself.
    std::string columns(const std::string& names) const override {
        return "select m.name, x.name, lower(x.type), 0, '', 0,\n"
               "    case when x.\"notnull\" and x.dflt_value is null and x.hidden = 0\n"
               "        and not (x.pk = 1 and lower(x.type) = 'integer') then 1 else 0 end, 0\n"
               "from sqlite_master m join pragma_table_xinfo(m.name) x\n"
               "where m.type = 'table' and m.name in (" +
               names + ") order by m.name, x.cid";
    }
    std::string indexes(const std::string& names) const override {
        return "select m.name, l.name, l.\"unique\", l.origin = 'pk',\n"
               "    case when upper(x.coll) <> 'BINARY' then -1 when l.partial = 0 and x.name is not null "
               "then 1 else 0 end,\n"
               "    coalesce(x.name, '')\n"
               "from sqlite_master m join pragma_index_list(m.name) l join pragma_index_xinfo(l.name) x\n"
               "where m.type = 'table' and x.key = 1 and m.name in (" +
               names + ") order by m.name, l.seq, x.seqno";
    }

    std::string missing_rights(const std::string&) const override { return {}; }

    // An added column can only have a constant as its default.
    std::string add_column(const std::string& table, const WantedColumn& column) const override {
        if (column.can_be_added() && !column.is_time())
            return "alter table " + table + " add column " + column.definition;
        const bool may_be_null = column.definition.find(" not null") == std::string::npos;
        return "alter table " + table + " add column " + column.name + " timestamp" +
               (may_be_null ? "" : " not null default 0");
    }
    std::string add_key(const std::string& table, const ColumnNames& key, bool) const override {
        return unique_index(table, key);
    }
    ColumnNames row_id(const FoundTable& table) const override {
        if (table.kind.empty()) return {"rowid"};
        return table.primary_key() ? table.primary_key()->columns : ColumnNames{};
    }
    std::string delete_duplicates(const std::string& table, const ColumnNames& id, const ColumnNames& key,
                                  const std::string& order) const override {
        return "delete from " + table + "\nwhere (" + listed(id) + ") in (\nselect " + listed(id) + " from " +
               ranked_rows(table, id, key, order) + "\nwhere ranked.place > 1)";
    }
    std::string advice_for_default(const std::string& table, const FoundColumn& column) const override {
        return "SQLite gives no default to a column that is there: drop it by \"alter table " + table +
               " drop column " + column.name + "\", then add it again with one";
    }
};

}  // namespace

const SchemaWords& sqlite_schema_words() {
    static const SqliteSchemaWords words;
    return words;
}

}  // namespace sqlgrey::store
