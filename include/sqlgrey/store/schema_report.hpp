// What opening a database did to its tables, for the log.
#pragma once

#include "sqlgrey/store/target.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sqlgrey::store {

struct RowCounts {
    long long senders = 0;  // from_awl
    long long domains = 0;  // domain_awl
    long long waiting = 0;  // connect
    bool operator==(const RowCounts&) const = default;
};

struct SchemaReport {
    std::optional<RowCounts> taken_over;  // set if SQLgrey 1.8 had made the tables
    bool made = false;                    // there were no tables
    long long merged = 0;                 // duplicate rows deleted
    long long unmatched = 0;              // rows whose text could not be converted, so no mail matches them
    std::vector<std::string> done;        // "make table from_awl"
    std::vector<std::string> not_done;    // refused, with the reason; sqlgrey works without it

    bool empty() const { return !taken_over && done.empty() && not_done.empty(); }
};

// One sentence about all of it; empty if nothing was done.
std::string shown(const SchemaReport& report);
// "3 senders, 1 domain, 20 waiting"
std::string shown(const RowCounts& counts);

}  // namespace sqlgrey::store
