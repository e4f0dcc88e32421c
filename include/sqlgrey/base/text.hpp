// Cutting texts, and putting them together.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::base {

// The blanks of isspace(3) in the locale C.
inline constexpr std::string_view blanks = " \t\r\n\v\f";

// The text without those characters at both ends.
std::string_view trimmed(std::string_view text, std::string_view of = blanks);

// The parts one after another, with `between` between two of them.
template <typename Parts>
std::string joined(const Parts& parts, std::string_view between) {
    std::string text;
    bool first = true;
    for (const std::string_view part : parts) {
        if (!first) text += between;
        text += part;
        first = false;
    }
    return text;
}

}  // namespace sqlgrey::base
