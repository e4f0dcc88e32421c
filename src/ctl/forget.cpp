// sqlgreyctl forget: deletes the rows of a client, sender or recipient from the tables of `places`. Entries
// of lists and of the opt tables are the administrator's, and stay.
#include "filters.hpp"
#include "functions.hpp"
#include "shown_rows.hpp"

#include <array>
#include <iostream>
#include <map>

namespace sqlgrey::ctl {
namespace {

using store::TableName;
using store::TableRow;

struct Place {
    TableName table;
    const char* word;  // for the summary
};
constexpr std::array places{
    Place{TableName::connect, "waiting"},         Place{TableName::from_awl, "sender"},
    Place{TableName::domain_awl, "domain"},       Place{TableName::client_awl, "client"},
    Place{TableName::expectation, "expectation"}, Place{TableName::fact, "fact"},
    Place{TableName::spf_network, "SPF network"}};

constexpr std::int64_t shown_of_table = 10;

using Filters = std::map<const Place*, store::TableFilter>;

// For the tables that have all columns of the search.
Filters filters_of(const Search& search) {
    Filters filters;
    for (const Place& place : places)
        if (!not_of(search.invocation, place.table) && search.tables.rows->has(place.table))
            filters.emplace(&place, search.filter(place.table));
    return filters;
}

// Prints the first rows of each table (JSON and CSV: all) and returns the number of all rows.
std::int64_t show(const Tables& tables, const Filters& filters, Format format, std::string& summary) {
    std::int64_t all = 0;
    for (const auto& one : filters) {  // clang 14 lets no lambda use a structured binding
        const Place* const place = one.first;
        std::int64_t rows = 0;
        RowWriter writer(std::cout, format, shown_columns(place->table));
        Progress progress("counting");
        for_each_page(*tables.rows, place->table, one.second, [&](const std::vector<TableRow>& page) {
            for (const TableRow& row : page)
                if (format != Format::text || writer.rows() < shown_of_table)
                    writer.row(shown_cells(place->table, row, format));
            rows += static_cast<std::int64_t>(page.size());
            progress.at(all + rows);
        });
        if (rows > 0) summary += (summary.empty() ? "" : ", ") + std::to_string(rows) + " " + place->word;
        all += rows;
    }
    return all;
}

std::int64_t erase(const Tables& tables, const Filters& filters) {
    std::int64_t gone = 0;
    Progress progress("forgetting");
    for (const auto& [place, filter] : filters)
        for_each_page(*tables.rows, place->table, filter, [&, table = place->table](const auto& page) {
            gone += tables.rows->erase(table, page);
            progress.at(gone);
        });
    return gone;
}

}  // namespace

int forget(const Invocation& invocation) {
    if (!names_somebody(invocation))
        throw UsageError("forget: expected at least one of --client, --domain, --sender and --recipient");
    const bool dry_run = invocation.has("dry-run");
    const Tables tables = open_tables(invocation, mode_of(invocation));
    const Search search = search_of(invocation, tables);
    const Filters filters = filters_of(search);
    if (filters.empty())
        throw UsageError("forget: no table has all of these: " + shown_filters(invocation) +
                         "; expected fewer of them");
    tables.tell_of_hashes();
    std::string summary;
    const std::int64_t found = show(tables, filters, format_of(invocation), summary);
    if (found == 0) {
        std::cerr << "sqlgreyctl: there are no rows with " << log::escape(search.shown()) << search.hint()
                  << "\n";
        return nothing;
    }
    if (dry_run) {
        std::cerr << "sqlgreyctl: dry run: would forget " << counted(found, "row") << ": " << summary << "\n";
        return done;
    }
    if (!is_confirmed(invocation, "forget " + counted(found, "row") + " (" + summary + ")?")) return failed;
    const std::int64_t gone = erase(tables, filters);
    std::cerr << "sqlgreyctl: forgot " << counted(gone, "row") << "\n";
    tables.log_act(counted(gone, "row") + ": " + shown_filters(invocation));
    return done;
}

}  // namespace sqlgrey::ctl
