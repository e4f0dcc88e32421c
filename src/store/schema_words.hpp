// Where the SQL that inspects and changes tables differs between the three databases. What a function does
// here by default is for PostgreSQL and SQLite.
#pragma once

#include "catalog.hpp"

#include <string>

namespace sqlgrey::store {

class SchemaWords {
  public:
    virtual ~SchemaWords() = default;

    // -- what is there; `names`: our tables, in quotes, separated by commas ------------------------
    // Rows: table, kind, whether it is entangled (FoundTable).
    virtual std::string tables(const std::string& names) const = 0;
    // Rows: table, column, type, length, charset, ignores_case, needs_value, counts_up; in the table's order.
    virtual std::string columns(const std::string& names) const = 0;
    // Rows, one for each column of an index: table, index, unique, primary, worth (1: usable,
    // -1: coarse), column.
    virtual std::string indexes(const std::string& names) const = 0;

    // Rows: a sentence for each missing right that changing tables needs. Empty: the database has no such
    // query.
    virtual std::string missing_rights(const std::string& names) const = 0;

    // -- what is done ------------------------------------------------------------------------------
    virtual std::string add_column(const std::string& table, const WantedColumn& column) const = 0;
    virtual std::string add_index(const std::string& table, const WantedIndex& index) const;
    virtual std::string drop_index(const std::string& table, const std::string& index) const;
    // Adds a primary key, or a unique index if the table has a primary key already.
    virtual std::string add_key(const std::string& table, const ColumnNames& key, bool has_primary) const = 0;
    // The columns that tell a row from its duplicates; empty: there are none.
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

// The missing rights in sentences, with what to type. Throws soci::soci_error.
std::vector<std::string> missing_rights(Session& session, Database database);

// "a, b, c"; each with `before` in front of it.
std::string listed(const ColumnNames& columns, const std::string& before = "");
// "a.x = b.x and a.y = b.y"
std::string equal_in(const ColumnNames& columns, const std::string& a, const std::string& b);
// "create unique index <table>_key on <table> (<key>)"
std::string unique_index(const std::string& table, const ColumnNames& key);
// A query in parentheses, named `ranked`: for each row its id and its place, counted from 1, among the rows
// of its key.
std::string ranked_rows(const std::string& table, const ColumnNames& id, const ColumnNames& key,
                        const std::string& order);
// A query in parentheses, named `same`: for each key with several rows the key and least_seen.
std::string repeated_keys(const std::string& table, const ColumnNames& key);

}  // namespace sqlgrey::store
