// sqlgreyctl list: prints rows of a table; for pools, counts over several tables.
#include "filters.hpp"
#include "functions.hpp"
#include "shown_rows.hpp"
#include "values.hpp"

#include <algorithm>
#include <iostream>
#include <iterator>

namespace sqlgrey::ctl {
namespace {

using store::SortBy;
using store::TableName;

// The client library of a database server keeps all rows of a result in memory, about 300 bytes each.
constexpr std::int64_t most_rows = 100'000;
constexpr std::int64_t usual_rows = 100;

TableName table_of(const std::string& what) {
    if (what == "senders") return TableName::from_awl;
    if (what == "domains") return TableName::domain_awl;
    if (what == "clients") return TableName::client_awl;
    if (what == "lists") return TableName::lists;
    if (what == "expectations") return TableName::expectation;
    if (what == "pools") return TableName::pool;
    if (what == "facts") return TableName::fact;
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

void tell_of_more(std::int64_t limit) {
    std::cerr << "sqlgreyctl: there are more than " << counted(limit, "row") << ": --limit N, up to "
              << most_rows << "; export writes all\n";
}

// Gives true if there are more.
bool write_rows(const Search& search, TableName table, SortBy by, std::int64_t limit, Format format,
                RowWriter& writer) {
    bool more = false;
    search.tables.rows->sorted(table, search.living_filter(table), by, limit + 1,
                               [&](const store::TableRow& row) {
                                   if (writer.rows() < limit)
                                       writer.row(shown_cells(table, row, format));
                                   else
                                       more = true;
                               });
    return more;
}

bool is_pool(const std::string& identity) {
    return identity.starts_with('@');
}

// Gives true if there are more.
bool write_pools(const Search& search, SortBy by, std::int64_t limit, RowWriter& writer) {
    store::PoolFilter filter{{}, search.filter(TableName::pool).since};
    std::ranges::copy_if(search.stored, std::back_inserter(filter.pools), is_pool);
    if (search.invocation.has("client") && filter.pools.empty()) return false;
    store::Administration& rows = *search.tables.rows;
    for (const store::PoolRow& pool : rows.pools(filter, by, limit + 1)) {
        if (writer.rows() == limit) return true;
        writer.row({pool.pool, pool.networks, rows.came_back(pool.pool), pool.never_came_back, pool.is_crowd,
                    pool.last_seen ? Cell{*pool.last_seen} : Cell{}});
    }
    return false;
}

}  // namespace

int list(const Invocation& invocation) {
    const std::string& what = invocation.arguments[0];
    const TableName table = table_of(what);
    if (const char* option = not_of(invocation, table))
        throw UsageError(std::string{"--"} + option + ": " + what + " have no " + option);
    const SortBy by = sort_of(invocation, table);
    const std::int64_t limit = number_of(invocation, "limit", {1, most_rows}, usual_rows);
    const Tables tables = open_tables(invocation, store::AdministrationMode::look);
    const Search search = search_of(invocation, tables);
    tables.tell_of_hashes();
    const Format format = format_of(invocation);
    RowWriter writer(std::cout, format, shown_columns(table));
    bool more = false;
    if (table == TableName::pool)
        more = write_pools(search, by, limit, writer);
    else if (tables.rows->has(table))
        more = write_rows(search, table, by, limit, format, writer);
    writer.finish();
    if (more) tell_of_more(limit);
    if (writer.rows() > 0) return done;
    const std::string asked = search.shown();
    std::cerr << "sqlgreyctl: there are no rows" << (asked.empty() ? "" : " with ") << log::escape(asked)
              << search.hint() << "\n";
    return nothing;
}

}  // namespace sqlgrey::ctl
