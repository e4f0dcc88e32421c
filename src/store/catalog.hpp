// What a database has of our tables: columns, keys and indexes, whoever made them.
#pragma once

#include "session.hpp"
#include "wanted.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::store {

struct FoundColumn {
    std::string name;
    std::string type;           // the database's word for it
    long long length = 0;       // of a text; 0: no limit
    std::string charset;        // MySQL: of a text
    bool ignores_case = false;  // MySQL: its collation does
    bool needs_value = false;   // not null, and nothing is there that would fill it
    bool counts_up = false;     // MySQL: auto_increment
};

struct FoundIndex {
    std::string name;
    bool unique = false;
    bool primary = false;
    bool usable = true;  // of whole columns, of all rows, in the order of their bytes; else it proves nothing
    bool coarse = false;  // to it, some different texts are the same: it has the beginnings, or ignores case
    ColumnNames columns;

    bool covers(const ColumnNames& key) const;         // is of these columns, in any order
    bool begins_with(const ColumnNames& first) const;  // in this order
};

struct FoundTable {
    std::vector<FoundColumn> columns;
    std::vector<FoundIndex> indexes;
    std::string kind;        // SQLite: "without rowid"; MySQL: the engine, if that knows no transactions
    bool entangled = false;  // SQLite: triggers, views or other tables name it

    const FoundColumn* column(std::string_view name) const;
    const FoundIndex* index(std::string_view name) const;
    const FoundIndex* primary_key() const;
    bool has_key(const ColumnNames& key) const;
    bool has_index(const ColumnNames& first) const;
};

// By name; a table that is not there is not in it.
using Catalog = std::map<std::string, FoundTable, std::less<>>;

// Throws soci::soci_error.
Catalog read_catalog(Session& session);

// The statements of this file.
const std::vector<StatementDefinition>& catalog_statements();

}  // namespace sqlgrey::store
