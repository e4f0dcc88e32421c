// Readers of single values in sqlgrey.conf. Each throws std::invalid_argument whose what() begins with
// "expected" and says what would have been right. Pure; no number can overflow.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/config/settings.hpp"
#include "sqlgrey/log/logger.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::config {

// Items separated by commas or blanks; empty ones are ignored.
std::vector<std::string> read_list(std::string_view text);

// Paths separated by commas; empty ones, and blanks around them, are ignored.
std::vector<std::string> read_paths(std::string_view text);

// 1/0, on/off, yes/no, true/false.
bool read_flag(std::string_view text);

struct NumberRange {
    std::int64_t least = 0;
    std::int64_t most = 0;
};
// A whole number within the range, in decimal digits.
std::int64_t read_number(std::string_view text, NumberRange range);

// "0666", "666": octal, up to 0777.
unsigned read_mode(std::string_view text);

struct TimeRange {
    base::Milliseconds least{};
    base::Milliseconds most{};
    base::Milliseconds step{1};  // a value must be a multiple of it
};
// A number in the given unit, or numbers with units: "5m", "1h30m", "1d 12h". Units: ms s m (or min) h d w.
base::Milliseconds read_duration(std::string_view text, std::string_view unit_of_bare_number,
                                 TimeRange range);
// The shortest text that read_duration() reads as that time: "1h30m", "100ms", "0".
std::string shown_duration(base::Milliseconds time);

// Where to listen: "2501" (kept as it is: localhost), "host:2501", "[2001:db8::1]:2501". "*:2501" becomes
// "0.0.0.0:2501".
std::vector<std::string> read_endpoints(std::string_view text);
// Where to listen for milter clients: "inet:" and one such address, or "unix:" and the absolute path of a
// Unix socket (107 bytes at most). Accepts libmilter's way of writing too: "inet:2501@host", "inet6:",
// "local:".
std::vector<std::string> read_milters(std::string_view text);
// One such address, the absolute path of a Unix socket (107 bytes at most), or nothing.
std::string read_place(std::string_view text);

// A host name or an empty text.
std::string read_host_name(std::string_view text);

// Database servers, see Settings::db_hosts.
std::vector<std::string> read_db_hosts(std::string_view text);

// Servers of DNS: "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353".
std::vector<std::string> read_dns_servers(std::string_view text);

// Entries of dnsbl and dnswl, at most 64: ZONE, ZONE=CODES, ZONE*WORTH, ZONE=CODES*WORTH. CODES are addresses
// or ranges of their last number, with commas between them: "127.0.0.2,127.0.0.4-11". WORTH is a weight from
// 1 to 100, or for dnswl a trust.
std::vector<DnsListEntry> read_dnsbl(std::string_view text);
// The path of another program's unix socket, or nothing.
std::string read_socket_path(std::string_view text);

std::vector<DnsListEntry> read_dnswl(std::string_view text);

// "default" (0) or 1 to 65535.
int read_db_port(std::string_view text);

// "category:level,..." applied to `levels`; the letter O silences a category.
log::Levels read_levels(log::Levels levels, std::string_view text);
// 0 to 4, or the letter O.
int read_level(std::string_view text);

// 4xx, optionally with an enhanced code, or a word of access(5) that does not refuse permanently.
std::string read_reject_code(std::string_view text);

// The text of a deferral, with %s, %m, %r and %%, or an empty text: printable ASCII, at most 200 bytes; an
// enhanced status code at its beginning must be temporary.
std::string read_greylist_text(std::string_view text);

// A header with %t, %v, %d, %h, %w and %%, or an empty text: "Name: text", printable ASCII, at most 300
// bytes, the name as in RFC 5322.
std::string read_header(std::string_view text);

// A refusal in the form of access(5): 4xx, 5xx, reject, discard, hold, defer, defer_if_permit or
// defer_if_reject, in any letter case, followed by a text of printable ASCII; at most 400 bytes in all. A
// temporary refusal needs a text; an enhanced code must be of the same class.
std::string read_refusal(std::string_view text);

// The enhanced status code (RFC 3463) that the text begins with, "4.2.0", or "".
std::string_view enhanced_code(std::string_view text);

}  // namespace sqlgrey::config
