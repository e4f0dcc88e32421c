// Inspecting and changing tables in PostgreSQL's SQL.
#include "schema_words.hpp"

namespace sqlgrey::store {
namespace {

// Our tables, each from the first schema in the search path that has it. Not with to_regclass(), whose cache
// may not know a table that another session has just made.
std::string with_tables(const std::string& names) {
    return "with t as (\n"
           "    select distinct on (c.relname) c.oid, c.relname\n"
           "    from pg_catalog.pg_class c\n"
           "    join pg_catalog.pg_namespace n on n.oid = c.relnamespace\n"
           "    where c.relkind in ('r', 'p') and n.nspname = any(current_schemas(false)) and c.relname in "
           "(" +
           names +
           ")\n"
           "    order by c.relname, array_position(current_schemas(false), n.nspname))\n";
}

class PostgresqlSchemaWords final : public SchemaWords {
  public:
    std::string tables(const std::string& names) const override {
        return with_tables(names) + "select cast(relname as text), '', 0 from t";
    }
    std::string columns(const std::string& names) const override {
        return with_tables(names) +
               "select cast(t.relname as text), cast(a.attname as text), cast(y.typname as text),\n"
               "    case when y.typname in ('varchar', 'bpchar') and a.atttypmod > 4 then a.atttypmod - 4 "
               "else 0 "
               "end,\n    '', 0,\n"
               "    case when a.attnotnull and not a.atthasdef and a.attidentity = '' then 1 else 0 end, 0\n"
               "from t\n"
               "join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not "
               "a.attisdropped\n"
               "join pg_catalog.pg_type y on y.oid = a.atttypid\n"
               "order by t.relname, a.attnum";
    }
    std::string indexes(const std::string& names) const override {
        return with_tables(names) +
               "select cast(t.relname as text), cast(x.relname as text),\n"
               "    cast(i.indisunique as integer), cast(i.indisprimary as integer),\n"
               "    cast(i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null and "
               "m.amname = 'btree' as integer),\n"
               "    coalesce(cast(a.attname as text), '')\n"
               "from t\n"
               "join pg_catalog.pg_index i on i.indrelid = t.oid\n"
               "join pg_catalog.pg_class x on x.oid = i.indexrelid\n"
               "join pg_catalog.pg_am m on m.oid = x.relam\n"
               "cross join lateral unnest(cast(i.indkey as smallint[])) with ordinality as k(attnum, n)\n"
               "left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum\n"
               "where k.n <= i.indnkeyatts\n"
               "order by t.relname, x.relname, k.n";
    }

    std::string missing_rights(const std::string& names) const override {
        return with_tables(names) +
               "select 'table ' || t.relname || ' does not belong to ' || current_user || ', who has to "
               "change it: as a "
               "superuser type \"alter table ' || t.relname || ' owner to ' || quote_ident(current_user) || "
               "'\"'\n"
               "from t join pg_catalog.pg_class c on c.oid = t.oid\n"
               "where not pg_has_role(current_user, c.relowner, 'usage')\n"
               "union all\n"
               "select current_user || ' may not make tables in schema ' || current_schema() || ', as a "
               "superuser type "
               "\"grant create on schema ' || quote_ident(current_schema()) || ' to ' || "
               "quote_ident(current_user) || "
               "'\"'\n"
               "where not has_schema_privilege(current_schema(), 'create')";
    }

    std::string add_column(const std::string& table, const WantedColumn& column) const override {
        return "alter table " + table + " add column " + column.definition +
               (column.can_be_added() ? "" : " default localtimestamp(0)");
    }
    std::string add_key(const std::string& table, const ColumnNames& key, bool has_primary) const override {
        if (has_primary) return unique_index(table, key);
        return "alter table " + table + " add primary key (" + listed(key) + ")";
    }
    ColumnNames row_id(const FoundTable&) const override { return {"ctid"}; }
    std::string delete_duplicates(const std::string& table, const ColumnNames& id, const ColumnNames& key,
                                  const std::string& order) const override {
        return "delete from " + table + "\nusing " + ranked_rows(table, id, key, order) + "\nwhere " +
               equal_in(id, table, "ranked") + " and ranked.place > 1";
    }
    std::string advice_for_default(const std::string& table, const FoundColumn& column) const override {
        return "give it one, or let it be empty: \"alter table " + table + " alter column " + column.name +
               " drop not null\"";
    }
};

}  // namespace

const SchemaWords& postgresql_schema_words() {
    static const PostgresqlSchemaWords words;
    return words;
}

}  // namespace sqlgrey::store
