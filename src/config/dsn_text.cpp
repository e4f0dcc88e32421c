#include "dsn_text.hpp"

#include "dsn_keys.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <stdexcept>

namespace sqlgrey::config {
namespace {

constexpr std::string_view forms =
    "expected DBI:Pg:dbname=...;host=..., DBI:mysql:database=...;host=..., DBI:SQLite:dbname=..., "
    "postgresql://user:password@host:port/name, mysql://user:password@host:port/name or sqlite:///path";

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The position of the closing ' of a value that begins with one; npos if there is none. A backslash quotes
// the next character, as in libpq.
std::size_t end_of_quoted(std::string_view value) {
    for (std::size_t i = 1; i < value.size(); ++i) {
        if (value[i] == '\\')
            ++i;
        else if (value[i] == '\'')
            return i;
    }
    return std::string_view::npos;
}

// "key=value" pairs of the DBI form, in which a value quoted as '...' may contain the separator.
std::vector<std::string_view> split_pairs(std::string_view text) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        std::size_t end = std::min(text.find(';', begin), text.size());
        const std::size_t equals = text.find('=', begin);
        const std::size_t value = text.find_first_not_of(" \t", std::min(equals, text.size() - 1) + 1);
        if (equals < end && value < text.size() && text[value] == '\'') {
            const std::size_t closing = end_of_quoted(text.substr(value));
            if (closing != std::string_view::npos)
                end = std::min(text.find(';', value + closing), text.size());
        }
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

}  // namespace

void refuse_dsn(const std::string& why) {
    throw std::invalid_argument(std::string{forms} + "; " + why);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t at = 0;
    for (std::size_t end = text.find(separator); end != std::string_view::npos;
         end = text.find(separator, at)) {
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    parts.push_back(text.substr(at));
    return parts;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            refuse_dsn("a % is not followed by two hexadecimal digits (write %25 for %)");
        const int byte = high * 16 + low;
        if (byte < 0x20 || byte == 0x7f) refuse_dsn("a control character is written with %");
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}

std::vector<std::string_view> pairs_of(std::string_view text, bool is_uri) {
    return is_uri ? split(text, '&') : split_pairs(text);
}

std::string unquoted(std::string_view value) {
    if (!value.starts_with('\'')) return std::string{value};
    if (end_of_quoted(value) != value.size() - 1)
        refuse_dsn(
            "a value that begins with ' does not end with one; within '...' write \\' for ' and \\\\ for \\");
    std::string out;
    const std::string_view inside = value.substr(1, value.size() - 2);
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (inside[i] == '\\') ++i;
        out += inside[i];
    }
    return out;
}

bool holds_another_pair(std::string_view value) {
    for (std::size_t at = value.find('='); at != std::string_view::npos; at = value.find('=', at + 1)) {
        const std::string before = base::ascii_lower(base::trimmed(value.substr(0, at)));
        const std::size_t end = before.find_last_not_of("abcdefghijklmnopqrstuvwxyz_");
        const bool behind_blank = end != std::string::npos && base::trimmed(before.substr(end, 1)).empty();
        if (behind_blank || is_secret_key(before.substr(end + 1))) return true;
    }
    return false;
}

}  // namespace sqlgrey::config
