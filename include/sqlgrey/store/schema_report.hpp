// What opening a database did to its tables, for the log.
#pragma once

#include "sqlgrey/store/target.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sqlgrey::store {

struct RowCounts {
    std::int64_t senders = 0;  // from_awl
    std::int64_t domains = 0;  // domain_awl
    std::int64_t waiting = 0;  // connect
    bool operator==(const RowCounts&) const = default;
};

struct SchemaReport {
    std::optional<RowCounts> taken_over;  // set if SQLgrey 1.8 made the tables
    bool made = false;                    // there were no tables before
    std::int64_t merged = 0;              // duplicate rows deleted
    std::int64_t unmatched = 0;           // rows whose text could not be converted, so no mail matches them
    std::vector<std::string> done;        // "make table from_awl"
    std::vector<std::string> not_done;    // what the database refused, and why; sqlgrey works without it

    bool empty() const { return !taken_over && done.empty() && not_done.empty(); }
};

// The report on one line; empty if nothing was done.
std::string shown(const SchemaReport& report);
// "3 senders, 1 domain, 20 waiting"
std::string shown(const RowCounts& counts);

}  // namespace sqlgrey::store
