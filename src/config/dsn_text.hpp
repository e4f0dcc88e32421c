// Splits the text of a data source; dsn.cpp interprets the parts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::config {

// Throws std::invalid_argument with the expected forms, and why the text is none of them.
[[noreturn]] void refuse_dsn(const std::string& why);

std::vector<std::string_view> split(std::string_view text, char separator);

// Throws std::invalid_argument for an invalid % or one for a control character.
std::string percent_decoded(std::string_view text);

// The "key=value" pairs, split at '&' in a URI, otherwise at each ';' outside quotes. At least one for any
// text.
std::vector<std::string_view> pairs_of(std::string_view text, bool is_uri);

// A value of the DBI form without its quotes. Throws std::invalid_argument if only part of it is quoted.
std::string unquoted(std::string_view value);

// True for "grey host=db" and "greypassword=secret": a separator is missing, and what looks like a name may
// contain a password.
bool holds_another_pair(std::string_view value);

}  // namespace sqlgrey::config
