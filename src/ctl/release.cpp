// sqlgreyctl release: lets waiting triplets pass at their next attempt, by moving their first_seen back by
// the longest delay that a triplet may have, and noting the retries that retry_count wants. So it works for
// all hosts on the database, SQLgrey 1.8 included.
#include "filters.hpp"
#include "functions.hpp"
#include "shown_rows.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/greylist/identities.hpp"
#include "sqlgrey/setup/parts.hpp"

#include <algorithm>
#include <iostream>

namespace sqlgrey::ctl {
namespace {

using store::TableName;
using store::TableRow;

base::Time first_seen(const TableRow& row) {
    return std::get<base::Time>(row.back());
}

const std::string& text(const TableRow& row, std::size_t column) {
    return std::get<std::string>(row.at(column));
}

bool is_triplet(const TableRow& row) {
    return !greylist::is_second_row(text(row, 0));
}

// Rows of the retries that retry_count wants before the one that passes, one a minute until now.
std::vector<TableRow> retries_of(const std::vector<TableRow>& rows, std::int64_t retry_count,
                                 base::Time now) {
    std::vector<TableRow> retries;
    for (const TableRow& row : rows) {
        if (!is_triplet(row)) continue;
        const greylist::Triplet triplet{text(row, 0), text(row, 1), text(row, 2), {}, text(row, 3)};
        for (std::int64_t minute = 1; minute < retry_count; ++minute) {
            const base::Time when = now - std::chrono::minutes{minute};
            const greylist::Triplet retry = greylist::row_of_retry(triplet, when);
            retries.push_back({retry.src, retry.sender_domain, retry.sender_name, retry.rcpt, when});
        }
    }
    return retries;
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
    const greylist::Policy policy = setup::policy_of(tables.settings);
    const base::Time now = tables.rows->now();
    // One second more, so that an attempt in this very second passes too.
    const base::Time released = now - greylist::longest_delay(policy) - base::Seconds{1};
    const Format format = format_of(invocation);
    std::int64_t moved = 0;
    RowWriter writer(std::cout, format, shown_columns(TableName::connect));
    for_each_page(*tables.rows, TableName::connect, filter, [&](const std::vector<TableRow>& page) {
        std::vector<TableRow> early;
        for (const TableRow& row : page) {
            if (is_triplet(row)) writer.row(shown_cells(TableName::connect, row, format));
            if (first_seen(row) > released || policy.retry_count > 1) early.push_back(row);
        }
        moved += std::ranges::count_if(early, is_triplet);
        if (dry_run || early.empty()) return;
        tables.rows->move_back(early, released);
        if (const auto retries = retries_of(early, policy.retry_count, now); !retries.empty())
            tables.rows->put(TableName::connect, retries);
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
