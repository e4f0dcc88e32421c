// JSON as the commands write and read it: one object a line, flat, whose values are texts, numbers, truth
// values or null.
//
// Texts of the tables are bytes, and JSON holds characters: a byte that is not UTF-8 is written as the lone
// surrogate U+DC00 + the byte, as Python's "surrogateescape" does, and read back as that byte.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sqlgrey::ctl {

// Nothing: null.
using Cell = std::variant<std::monostate, std::string, std::int64_t, bool, base::Time>;

std::string json_text(std::string_view text);
// A time as text (RFC 3339, UTC).
std::string json_value(const Cell& cell);

using base::rfc3339;
// That and "2026-11-27", "2026-11-27T10:12:33+01:00"; nothing if it is none, or not from 1970 to 9999.
std::optional<base::Time> read_rfc3339(std::string_view text);

using JsonObject = std::map<std::string, Cell, std::less<>>;
// Of one line. Numbers are whole. Throws std::invalid_argument with what was expected, and where.
JsonObject read_json_object(std::string_view line);

}  // namespace sqlgrey::ctl
