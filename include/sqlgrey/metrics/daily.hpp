// What the daemon has counted on each day, from counters that only grow.
//
// The counts of a day are the totals at its end minus those at its beginning, which are kept in shared
// memory. So a child that is killed, or a reload, loses nothing and counts nothing twice.
#pragma once

#include "sqlgrey/greylist/daily.hpp"
#include "sqlgrey/metrics/counters.hpp"

#include <chrono>
#include <vector>

namespace sqlgrey::metrics {

// Begins this day, unless it is the last one that has begun; true if it began now. What was counted until now
// belongs to the day before. Called by the master before it has children, then by one child.
bool begin_day(Counters& counters, std::chrono::sys_days day, std::chrono::system_clock::time_point now);

// The days that are not written yet, the oldest first, and the current one, which is never empty of a day:
// its counts are those until now. Counts that are 0 are left out. Any process.
std::vector<greylist::DailyCounts> unwritten_days(const Counters& counters);

// To be called when all that unwritten_days() returned are in the database, or not wanted.
void days_are_written(Counters& counters);

}  // namespace sqlgrey::metrics
