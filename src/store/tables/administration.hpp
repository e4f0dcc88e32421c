// The statements of Administration: one kind for all tables, made from their shapes. Which table and which
// filters a statement has, its StatementKey says in `parts`.
#pragma once

#include "sqlgrey/store/administration.hpp"
#include "statement.hpp"

#include <string>
#include <utility>
#include <vector>

namespace sqlgrey::store {

struct Question {
    TableName table;
    bool clients = false, sender_domain = false, sender_name = false, recipient = false,
         recipient_domain = false, since = false;
    bool behind = false;  // a page that is not the first
    SortBy by = SortBy::time;

    PartSet parts() const;
    static Question of(PartSet parts);
};

// Of all tables, in the order of TableName.
const std::vector<TableShape>& table_shapes();

// The columns that are written, and those of the key.
Columns written_columns(const TableShape& shape);
Columns key_columns(const TableShape& shape);

// What the test of the statements shows of one: the words behind its name, and its parts. Empty for others.
std::vector<std::pair<std::string, PartSet>> shown_variants(StatementId id);

}  // namespace sqlgrey::store
