// Reading and writing rows of the tables daily and daily_delay. Within a visit.
#pragma once

#include "sqlgrey/greylist/daily.hpp"
#include "sqlgrey/store/daily.hpp"
#include "tables.hpp"

#include <string>

namespace sqlgrey::store {

// See greylist::DailyTables.
void write_daily(Session& session, const std::string& host, const greylist::DailyCounts& counts);
bool forget_oldest_day(Session& session, const std::string& before_day);

// See ReadingStore.
Daily read_daily(Session& session, const std::string& from_day);

}  // namespace sqlgrey::store
