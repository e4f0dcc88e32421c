// What was done to the tables of a database when it was opened, in words for the log.
#pragma once

#include "sqlgrey/store/sql_store.hpp"

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
    std::optional<RowCounts> taken_over;  // the tables were SQLgrey 1.8's until now
    bool made = false;                    // there were none
    long long merged = 0;                 // duplicates that went
    long long unmatched = 0;              // MySQL: rows kept as they are, that no address will match
    std::vector<std::string> done;        // "make table from_awl"
    std::vector<std::string> not_done;    // what is of use and was refused, with the reason

    bool empty() const { return !taken_over && done.empty() && not_done.empty(); }
};

// One sentence for all that was done; empty if nothing was.
std::string shown(const SchemaReport& report);
// "3 senders, 1 domain, 20 waiting"
std::string shown(const RowCounts& counts);

using TellSchema = std::function<void(const SchemaReport&)>;

}  // namespace sqlgrey::store
