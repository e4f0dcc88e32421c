// Rows of the tables as the commands print them. Columns are named as in Postfix's policy protocol.
#pragma once

#include "rows.hpp"
#include "sqlgrey/store/administration.hpp"

namespace sqlgrey::ctl {

// For `pool`, those of store::PoolRow and came_back.
std::vector<std::string> shown_columns(store::TableName table);
// The empty sender is shown as "<>"; in JSON it is "", as Postfix sends it.
std::vector<Cell> shown_cells(store::TableName table, const store::TableRow& row, Format format);

}  // namespace sqlgrey::ctl
