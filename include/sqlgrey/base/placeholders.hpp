// Lines of text with placeholders: a percent sign and a letter stand for what is known only when the line is
// used. "%%" is a percent sign.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::base {

// The first placeholder whose letter is none of `letters`, as it stands in the line ("%x", or "%" at its
// end); nothing if all are known.
std::optional<std::string_view> unknown_placeholder(std::string_view line, std::string_view letters);

// True if the placeholder of that letter is in the line.
bool has_placeholder(std::string_view line, char letter);

// The line with every placeholder replaced by what `value_of` gives for its letter; a '%' in such a value
// stands for itself. A single '%' at the end stays.
std::string filled(std::string_view line, const std::function<std::string(char letter)>& value_of);

}  // namespace sqlgrey::base
