// The text of a data source, cut into its parts; what the parts mean is dsn.cpp's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::config {

// Throws std::invalid_argument with the forms that were expected, and why it is none of them.
[[noreturn]] void refuse_dsn(const std::string& why);

std::vector<std::string_view> split(std::string_view text, char separator);

// Throws std::invalid_argument for a % that is wrong or stands for a control character.
std::string percent_decoded(std::string_view text);

// The "key=value" pairs, cut at '&' in a URI, else at ';' where it does not stand within the quotes of a
// value. Any text has some.
std::vector<std::string_view> pairs_of(std::string_view text, bool is_uri);

// A value of the DBI form without its quotes. Throws std::invalid_argument for one that is quoted in part.
std::string unquoted(std::string_view value);

// True for "grey host=db" and "greypassword=secret": a separator was forgotten, and what would be shown as a
// name holds what is none, the password perhaps.
bool holds_another_pair(std::string_view value);

}  // namespace sqlgrey::config
