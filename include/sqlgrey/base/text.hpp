// Trimming and joining texts.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::base {

// The characters for which isspace(3) is true in the locale C.
inline constexpr std::string_view blanks = " \t\r\n\v\f";

// The text without the characters in `of` at both ends.
std::string_view trimmed(std::string_view text, std::string_view of = blanks);

// The parts, separated by `between`.
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
