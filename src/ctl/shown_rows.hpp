// Rows of the tables as commands print them. Names of columns are those of Postfix's policy protocol.
#pragma once

#include "rows.hpp"
#include "sqlgrey/store/administration.hpp"

namespace sqlgrey::ctl {

// Of `pool`: those of store::PoolRow, with what came back.
std::vector<std::string> shown_columns(store::TableName table);
// The empty sender is "<>", but in JSON, which has it as Postfix sends it.
std::vector<Cell> shown_cells(store::TableName table, const store::TableRow& row, Format format);

}  // namespace sqlgrey::ctl
