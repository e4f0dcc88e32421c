// sqlgreyctl release: lets waiting triplets pass at their next attempt, by moving their first_seen back by
// the longest delay that a triplet may have. So it works for all hosts on the database, SQLgrey 1.8 included.
#include "filters.hpp"
#include "functions.hpp"
#include "shown_rows.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/setup/parts.hpp"

#include <iostream>

namespace sqlgrey::ctl {
namespace {

using store::TableName;
using store::TableRow;

base::Time first_seen(const TableRow& row) {
    return std::get<base::Time>(row.back());
}

}  // namespace

int release(const Invocation& invocation) {
    if (!names_somebody(invocation))
        throw UsageError("release: expected at least one of --client, --domain, --sender and --recipient");
    const bool dry_run = invocation.has("dry-run");
    const Tables tables = open_tables(invocation, mode_of(invocation));
    const Search search = search_of(invocation, tables);
    const store::TableFilter filter = search.living_filter(TableName::connect);
    tables.tell_of_hashes();
    // One second more, so that an attempt in this very second passes too.
    const base::Time released =
        tables.rows->now() - greylist::longest_delay(setup::policy_of(tables.settings)) - base::Seconds{1};
    const Format format = format_of(invocation);
    std::int64_t moved = 0;
    RowWriter writer(std::cout, format, shown_columns(TableName::connect));
    for_each_page(*tables.rows, TableName::connect, filter, [&](const std::vector<TableRow>& page) {
        std::vector<TableRow> early;
        for (const TableRow& row : page) {
            writer.row(shown_cells(TableName::connect, row, format));
            if (first_seen(row) > released) early.push_back(row);
        }
        if (!dry_run && !early.empty()) tables.rows->move_back(early, released);
        moved += static_cast<std::int64_t>(early.size());
    });
    writer.finish();
    if (writer.rows() == 0) {
        std::cerr << "sqlgreyctl: nothing waits with " << log::escape(search.shown()) << search.hint()
                  << "\n";
        return nothing;
    }
    std::cerr << "sqlgreyctl: " << (dry_run ? "dry run: would release " : "released ")
              << counted(moved, "triplet") << " of " << writer.rows()
              << "; a triplet that is released passes at its next attempt\n";
    if (!dry_run) tables.log_act(counted(moved, "triplet") + ": " + shown_filters(invocation));
    return done;
}

}  // namespace sqlgrey::ctl
