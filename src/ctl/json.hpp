// JSON as the commands write and read it: one flat object per line; values are strings, whole numbers, true,
// false or null. Pure.
//
// Texts in the tables are bytes, but JSON has characters. A byte that is not valid UTF-8 is written as the
// lone surrogate U+DC00 + byte, like Python's "surrogateescape", and read back as that byte.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sqlgrey::ctl {

// std::monostate is null.
using Cell = std::variant<std::monostate, std::string, std::int64_t, bool, base::Time>;

// A JSON string with its quotes. Control characters (C0, DEL, C1) are escaped.
std::string json_text(std::string_view text);
// A time becomes a string (RFC 3339, UTC).
std::string json_value(const Cell& cell);

using base::rfc3339;
// The inverse of rfc3339(); also accepts "2026-11-27" and "2026-11-27T10:12:33+01:00". Nothing if `text` is
// none of these, or outside the years 1970 to 9999.
std::optional<base::Time> read_rfc3339(std::string_view text);

using JsonObject = std::map<std::string, Cell, std::less<>>;
// Parses one line. Accepts whole numbers only. Throws std::invalid_argument: what was expected, at which
// byte.
JsonObject read_json_object(std::string_view line);

}  // namespace sqlgrey::ctl
