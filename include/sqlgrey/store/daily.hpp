// greylist::DailyTables in SQL, and what a report reads.
#pragma once

#include "sqlgrey/greylist/daily.hpp"
#include "sqlgrey/store/target.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sqlgrey::store {

// Connects and makes the tables if they are missing; no replica is used. Each call takes Target::time_limit
// at most. Throws greylist::StoreUnavailable if no session can be opened, for whatever reason; StoreError if
// the tables cannot be made or written, which stops nothing else. For one thread.
std::unique_ptr<greylist::DailyTables> open_daily_tables(const Target& target);

// What all daemons on the database have counted, summed over their runs.
struct DayCount {
    std::string day;   // "2026-11-27", by the local time of the host
    std::string host;  // name of the daemon's host
    std::string name;  // of a verdict (greylist::name()), or see greylist::daily_names
    std::int64_t count = 0;
    bool operator==(const DayCount&) const = default;
};
struct DayDelay {
    std::string day, host;
    std::int64_t up_to = 0;  // see greylist::DailyCounts::Delay
    std::int64_t count = 0;
    bool operator==(const DayDelay&) const = default;
};
struct Daily {
    std::vector<DayCount> counts;  // by day, host and name; none is 0
    std::vector<DayDelay> delays;  // by day, host and up_to; none is 0
};

}  // namespace sqlgrey::store
