// The statements of Administration: the same for all tables, made from their shapes. StatementKey::parts
// holds a Question.
#pragma once

#include "sqlgrey/store/administration.hpp"
#include "statement.hpp"

#include <string>
#include <utility>
#include <vector>

namespace sqlgrey::store {

// What a statement asks: of which table, with which filters set (TableFilter, PoolFilter), in which order.
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

// The columns that put() writes, and those of the key.
Columns written_columns(const TableShape& shape);
Columns key_columns(const TableShape& shape);

// The variants of a statement that the test of all statements shows: words after its name, and its parts.
// Empty for statements that are not of the administration.
std::vector<std::pair<std::string, PartSet>> shown_variants(StatementId id);

}  // namespace sqlgrey::store
