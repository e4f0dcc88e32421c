// What the three databases say differently where tables are looked at, made and changed. What a function does
// here holds for PostgreSQL and SQLite.
#pragma once

#include "catalog.hpp"

#include <string>

namespace sqlgrey::store {

class SchemaWords {
  public:
    virtual ~SchemaWords() = default;

    // -- what is there; `names`: of our tables, in quotes with commas between ----------------------
    // Rows: table, kind, whether it is entangled (FoundTable).
    virtual std::string tables(const std::string& names) const = 0;
    // Rows: table, column, type, length, charset, ignores_case, needs_value, counts_up; in the table's order.
    virtual std::string columns(const std::string& names) const = 0;
    // Rows, one for each column of an index: table, index, unique, primary, worth (1: usable,
    // -1: coarse), column.
    virtual std::string indexes(const std::string& names) const = 0;

    // Rows: a sentence for each right that is missing to change tables. Empty: there is no such query.
    virtual std::string missing_rights(const std::string& names) const = 0;

    // -- what is done ------------------------------------------------------------------------------
    virtual std::string add_column(const std::string& table, const WantedColumn& column) const = 0;
    virtual std::string add_index(const std::string& table, const WantedIndex& index) const;
    virtual std::string drop_index(const std::string& table, const std::string& index) const;
    // Of a table with a primary key already, a unique index beside it.
    virtual std::string add_key(const std::string& table, const ColumnNames& key, bool has_primary) const = 0;
    // How a row is told from its duplicates; empty: not at all.
    virtual ColumnNames row_id(const FoundTable& table) const = 0;
    // Deletes all rows of a key but the first by `order`.
    virtual std::string delete_duplicates(const std::string& table, const ColumnNames& id,
                                          const ColumnNames& key, const std::string& order) const = 0;
    // Gives all rows of a key the least first_seen among them.
    virtual std::string spread_first_seen(const std::string& table, const ColumnNames& key) const;
    // How an administrator gives the column a default.
    virtual std::string advice_for_default(const std::string& table, const FoundColumn& column) const = 0;
};

const SchemaWords& schema_words_of(Database database);
const SchemaWords& sqlite_schema_words();
const SchemaWords& postgresql_schema_words();
const SchemaWords& mysql_schema_words();

// In words, with what to type. Throws soci::soci_error.
std::vector<std::string> missing_rights(Session& session, Database database);

// "a, b, c"; each with `before` in front of it.
std::string listed(const ColumnNames& columns, const std::string& before = "");
// "a.x = b.x and a.y = b.y"
std::string equal_in(const ColumnNames& columns, const std::string& a, const std::string& b);
// "create unique index <table>_key on <table> (<key>)"
std::string unique_index(const std::string& table, const ColumnNames& key);
// A query in brackets, named `ranked`: of each row its id, and its place (1 is the first) among those of its
// key.
std::string ranked_rows(const std::string& table, const ColumnNames& id, const ColumnNames& key,
                        const std::string& order);
// A query in brackets, named `same`: of each key with several rows the key and their least_seen.
std::string repeated_keys(const std::string& table, const ColumnNames& key);

}  // namespace sqlgrey::store
