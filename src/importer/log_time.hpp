// The times of a mail log's lines.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <optional>
#include <string_view>

namespace sqlgrey::importer {

// Takes the time that a line begins with, and the blanks behind it, off the line; leaves the line alone if
// there is none. Understood are
//   "Nov  2 20:50:01", the month in English or the language of the session (LC_TIME), local time in the year
//   that ends at `latest`, a day more or less; also with the year, in
//       front of it or behind the day;
//   ISO 8601, "2026-11-22T20:50:01.123+01:00", also "+0100", "Z" and with a blank for the T; local time if no
//   zone is
//       named; and "Thu 2026-11-26 20:50:01 UTC", as journalctl writes it;
//   seconds since 1970, "1795000000.123456".
std::optional<base::Time> take_time(std::string_view& line, base::Time latest);

}  // namespace sqlgrey::importer
