// Our tables as found in a database, whoever made them: columns, keys and indexes.
#pragma once

#include "session.hpp"
#include "wanted.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::store {

struct FoundColumn {
    std::string name;
    std::string type;           // the database's word for it
    std::int64_t length = 0;    // of a text; 0: no limit
    std::string charset;        // MySQL: of a text
    bool ignores_case = false;  // MySQL: because of its collation
    bool needs_value = false;   // not null, without a default
    bool counts_up = false;     // MySQL: auto_increment
};

struct FoundIndex {
    std::string name;
    bool unique = false;
    bool primary = false;
    bool usable = true;   // holds whole columns of all rows, in the order of their bytes
    bool coarse = false;  // cannot tell some texts apart: holds only their beginnings, or ignores case
    ColumnNames columns;

    bool covers(const ColumnNames& key) const;         // has these columns and no others, in any order
    bool begins_with(const ColumnNames& first) const;  // in this order
};

struct FoundTable {
    std::vector<FoundColumn> columns;
    std::vector<FoundIndex> indexes;
    std::string kind;        // SQLite: "without rowid"; MySQL: the engine, if it has no transactions
    bool entangled = false;  // SQLite: triggers, views or other tables refer to it

    const FoundColumn* column(std::string_view name) const;
    const FoundIndex* index(std::string_view name) const;
    const FoundIndex* primary_key() const;
    bool has_key(const ColumnNames& key) const;
    bool has_index(const ColumnNames& first) const;
};

// By name; only tables that exist.
using Catalog = std::map<std::string, FoundTable, std::less<>>;

// Throws soci::soci_error.
Catalog read_catalog(Session& session);

// The statements that read_catalog() and missing_rights() run.
const std::vector<StatementDefinition>& catalog_statements();

}  // namespace sqlgrey::store
