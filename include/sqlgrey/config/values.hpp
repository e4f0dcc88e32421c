// Reading one value of sqlgrey.conf. Each reader throws std::invalid_argument whose what() begins
// with "expected" and tells the admin what would have been right; none of them looks at anything
// but its arguments, and no number can overflow.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/log/logger.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::config {

// Items separated by commas or blanks; empty ones do not count.
std::vector<std::string> read_list(std::string_view text);

// Paths separated by commas; empty ones do not count. Blanks at their ends are no part of them.
std::vector<std::string> read_paths(std::string_view text);

// 1/0, on/off, yes/no, true/false.
bool read_flag(std::string_view text);

struct NumberRange {
    std::int64_t least = 0;
    std::int64_t most = 0;
};
std::int64_t read_number(std::string_view text, NumberRange range);

// "0666", "666": octal, up to 0777.
unsigned read_mode(std::string_view text);

struct TimeRange {
    base::Milliseconds least{};
    base::Milliseconds most{};
    base::Milliseconds step{1};  // what a value has to be a multiple of
};
// A bare number in the given unit, or numbers with units: "5m", "1h30m", "1d 12h".
// Units: ms s m (or min) h d w.
base::Milliseconds read_duration(std::string_view text, std::string_view unit_of_bare_number,
                                 TimeRange range);
// The shortest text that read_duration() reads as that time: "1h30m", "100ms", "0".
std::string shown_duration(base::Milliseconds time);

// Where to listen: "2501" (as it is: localhost), "host:2501", "[2001:db8::1]:2501". "*:2501" comes
// back as "0.0.0.0:2501".
std::vector<std::string> read_endpoints(std::string_view text);

// A host name or nothing.
std::string read_host_name(std::string_view text);

// Database servers, see Settings::db_hosts.
std::vector<std::string> read_db_hosts(std::string_view text);

// "default" (0) or 1 to 65535.
int read_db_port(std::string_view text);

// "category:level,..." put over `levels`; the letter O silences a category.
log::Levels read_levels(log::Levels levels, std::string_view text);
// 0 to 4, or the letter O.
int read_level(std::string_view text);

// 4xx, with or without an enhanced code behind it, or a word of access(5) that is not final.
std::string read_reject_code(std::string_view text);

// The text of a reply that defers, with %s, %m, %r and %% in it, or nothing: printable ASCII of at most 200
// bytes; an enhanced status code in front is temporary.
std::string read_greylist_text(std::string_view text);

// A header with %t, %v, %d, %h, %w and %% in it, or nothing: "Name: text", printable ASCII of at most 300
// bytes, the name as RFC 5322 allows.
std::string read_header(std::string_view text);

// What access(5) takes as a refusal: 4xx, 5xx, reject, discard, hold, defer, defer_if_permit or
// defer_if_reject, in any case, with a text of printable ASCII behind it, at most 400 bytes together. What is
// temporary needs a text; an enhanced code in it has to be of the same class.
std::string read_refusal(std::string_view text);

// The enhanced status code (RFC 3463) that the text begins with, "4.2.0", or "".
std::string_view enhanced_code(std::string_view text);

}  // namespace sqlgrey::config
