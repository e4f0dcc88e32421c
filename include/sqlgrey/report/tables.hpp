// The tables of a report: what text, JSON and CSV consist of, and what the page has behind its pictures.
#pragma once

#include "sqlgrey/report/summary.hpp"

#include <string>
#include <variant>
#include <vector>

namespace sqlgrey::report {

struct Percent {
    std::int64_t part = 0, whole = 0;
};
// std::monostate: no value.
using Cell = std::variant<std::monostate, std::string, std::int64_t, bool, Percent, Date, Wait, base::Time>;

struct TableColumn {
    std::string name;   // for programs
    std::string title;  // for people
};
struct Table {
    std::string name;    // for programs: "days"
    std::string title;   // for people
    std::string note{};  // what is not in it, and what its columns mean; a sentence or more
    std::vector<TableColumn> columns;
    std::vector<std::vector<Cell>> rows;
};

// A table without rows says in its note why. Where days are taken together (steps_of), the first of them
// stands.
Table requests_table(const Figures& figures);   // by day or week and group
Table strangers_table(const Figures& figures);  // came back, never retried
Table waits_table(const Figures& figures);      // p50, p90, p99
Table buckets_table(const Figures& figures);
Table growth_table(const Figures& figures);
Table outages_table(const Figures& figures);  // days with answers without the database
Table hosts_table(const Figures& figures);
Table sources_table(const Figures& figures);
Table pools_table(const Figures& figures);
Table facts_table(const Figures& figures);
Table hit_entries_table(const Figures& figures);
Table unused_entries_table(const Figures& figures);

// The command for a shell that lets this source pass; empty if there is none.
std::string allow_command(const Figures& figures, const Source& source);

// One row: the sentence, and the totals of the period. For programs.
Table summary_table(const Figures& figures);

// All others, in the order of the report.
std::vector<Table> tables_of(const Figures& figures);

}  // namespace sqlgrey::report
