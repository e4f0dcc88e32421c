// The times of a mail log's lines.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <optional>
#include <string_view>

namespace sqlgrey::imported {

// The time a line begins with: "Nov  2 20:50:01" (local time, in the year that ends at `latest`, a day more
// or less) or ISO 8601 "2026-11-22T20:50:01.123+01:00", also "+0100" and "Z".
std::optional<base::Time> time_at_start(std::string_view line, base::Time latest);

// The same line without time and host name: "program[pid]: message"; empty if it has not that shape.
std::string_view behind_host(std::string_view line);

}  // namespace sqlgrey::imported
