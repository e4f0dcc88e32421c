// sqlgreyctl list
#include "filters.hpp"
#include "functions.hpp"
#include "shown_rows.hpp"
#include "values.hpp"

#include <iostream>

namespace sqlgrey::ctl {
namespace {

using store::SortBy;
using store::TableName;

// Of a server the client library holds all rows of an answer in memory: 300 bytes or so each.
constexpr long long most_rows = 100'000;
constexpr long long usual_rows = 100;

TableName table_of(const std::string& what) {
    if (what == "senders") return TableName::from_awl;
    if (what == "domains") return TableName::domain_awl;
    if (what == "clients") return TableName::client_awl;
    if (what == "lists") return TableName::lists;
    return TableName::connect;
}

SortBy sort_of(const Invocation& invocation, TableName table) {
    const store::TableShape& shape = store::shape_of(table);
    const std::string by = invocation.value_or("sort", "time");
    if (by == "time") return SortBy::time;
    if (by == "client" && shape.client) return SortBy::client;
    if (by == "sender" && shape.sender_domain) return SortBy::sender;
    if (by == "recipient" && shape.recipient) return SortBy::recipient;
    throw UsageError("--sort " + by + ": " + invocation.arguments[0] + " have no " + by +
                     ", expected --sort time");
}

}  // namespace

int list(const Invocation& invocation) {
    const std::string& what = invocation.arguments[0];
    const TableName table = table_of(what);
    if (const char* option = not_of(invocation, table))
        throw UsageError(std::string{"--"} + option + ": " + what + " have no " + option);
    const SortBy by = sort_of(invocation, table);
    const long long limit = number_of(invocation, "limit", {1, most_rows}, usual_rows);
    const Tables tables = open_tables(invocation, store::AdministrationMode::look);
    const store::TableFilter filter = living_filter_of(invocation, tables, table);
    tables.tell_of_hashes();
    const Format format = format_of(invocation);
    RowWriter writer(std::cout, format, shown_columns(table));
    bool more = false;
    tables.rows->sorted(table, filter, by, limit + 1, [&](const store::TableRow& row) {
        if (writer.rows() < limit)
            writer.row(shown_cells(table, row, format));
        else
            more = true;
    });
    if (more)
        std::cerr << "sqlgreyctl: there are more than " << counted(limit, "row") << ": --limit N, up to "
                  << most_rows << "; export writes all\n";
    return writer.rows() > 0 ? done : nothing;
}

}  // namespace sqlgrey::ctl
