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

using Entry = std::variant<Network, Key, Expression>;

// The meaning of an entry (as entry_in() returns it) in that list; nothing if it has none of the list's
// forms.
std::optional<Entry> parse_entry(ListName list, std::string_view text);

// Whether letter case matters in the expressions of that list.
net::LetterCase letter_case_of(ListName list);

}  // namespace sqlgrey::lists
