// The times in the lines of a mail log.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <optional>
#include <string_view>

namespace sqlgrey::importer {

// Removes the time at the start of a line, and the blanks after it; leaves the line unchanged if there is
// none. Accepted formats:
//
//   "Nov  2 20:50:01", the month in English or the language of the session (LC_TIME), local time in the
//   year that ends at `latest`, plus or minus a day; also with the year, before the month or after the day;
//
//   ISO 8601, "2026-11-22T20:50:01.123+01:00", also "+0100", "Z", and with a blank for the T; local time
//   without a zone; and "Thu 2026-11-26 20:50:01 UTC", as journalctl writes it;
//
//   seconds since 1970, "1795000000.123456".
std::optional<base::Time> take_time(std::string_view& line, base::Time latest);

}  // namespace sqlgrey::importer
