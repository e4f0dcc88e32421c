// Templates with placeholders: a percent sign and a letter are replaced when the line is used. "%%" is a
// percent sign.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::base {

// The first placeholder whose letter is not in `letters`, as written in the line ("%x", or "%" at its end);
// nothing if all are known.
std::optional<std::string_view> unknown_placeholder(std::string_view line, std::string_view letters);

// True if the line contains the placeholder of that letter.
bool has_placeholder(std::string_view line, char letter);

// The line with each placeholder replaced by value_of(its letter). A '%' in such a value is literal; a single
// '%' at the end is kept.
std::string filled(std::string_view line, const std::function<std::string(char letter)>& value_of);

}  // namespace sqlgrey::base
