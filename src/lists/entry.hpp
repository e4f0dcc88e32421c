// Parses the entries of lists. Pure.
#pragma once

#include "names.hpp"
#include "networks.hpp"
#include "sqlgrey/lists/list_name.hpp"
#include "sqlgrey/net/pattern.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sqlgrey::lists {

inline constexpr std::size_t max_entry = 8192;  // bytes

// A host name, domain or address in lower case, as Names looks it up. The empty sender is "<>", a user of any
// domain "user@".
struct Key {
    std::string text;
    Scope scope = Scope::itself;
};

// The text between the slashes.
struct Expression {
    std::string text;
};

// What p0f says about a client: a regular expression that is found in p0f_text().
struct P0fEntry {
    std::string expression;
    bool is_any;  // it matches every client that p0f says something about
};
// A value of policy::p0f_attributes as P0fEntry is compared with it: "p0f_os:Linux 3.11 and newer".
std::string p0f_text(std::string_view attribute, std::string_view value);

using Entry = std::variant<Network, Key, Expression, P0fEntry>;

// The meaning of an entry (as entry_in() returns it) in that list; nothing if it has none of the list's
// forms.
std::optional<Entry> parse_entry(ListName list, std::string_view text);

// Whether letter case matters in the expressions of that list.
net::LetterCase letter_case_of(ListName list);

}  // namespace sqlgrey::lists
