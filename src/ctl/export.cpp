// sqlgreyctl export: the tables as JSON lines, for `sqlgreyctl import` into another database. Without what
// sqlgrey finds out again.
#include "filters.hpp"
#include "functions.hpp"
#include "json.hpp"
#include "sqlgrey/base/error.hpp"

#include <iostream>

namespace sqlgrey::ctl {
namespace {

using store::TableName;

std::string json_of(const store::TableShape& shape, const store::TableRow& row) {
    std::string line = "{\"table\": " + json_text(shape.name);
    for (std::size_t i = 0; i < row.size(); ++i) {
        const auto& column = shape.columns[i];
        if (column.merge == store::TableColumn::Merge::generated) continue;
        const Cell cell = std::visit([](const auto& value) { return Cell{value}; }, row[i]);
        if (!std::holds_alternative<std::monostate>(cell))
            line += ", " + json_text(column.name) + ": " + json_value(cell);
    }
    return line + "}\n";
}

}  // namespace

int export_tables(const Invocation& invocation) {
    const Tables tables = open_tables(invocation, store::AdministrationMode::look);
    tables.tell_of_hashes();
    std::int64_t rows = 0;
    Progress progress("exported");
    for (std::size_t n = 0; n < store::table_count; ++n) {
        const auto table = static_cast<TableName>(n);
        const auto write = [&](const std::vector<store::TableRow>& page) {
            for (const store::TableRow& row : page) std::cout << json_of(store::shape_of(table), row);
            if (!std::cout) throw base::StartError("the rows cannot be written to standard output");
            rows += static_cast<std::int64_t>(page.size());
            progress.at(rows);
        };
        if (!store::shape_of(table).is_cache && tables.rows->has(table))
            for_each_page(*tables.rows, table, {}, write);
    }
    if (!(std::cout << std::flush)) throw base::StartError("the rows cannot be written to standard output");
    return done;
}

}  // namespace sqlgrey::ctl
