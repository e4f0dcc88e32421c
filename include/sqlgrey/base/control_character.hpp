// Control characters, which must not appear in a line of text.
#pragma once

#include <cstddef>
#include <string_view>

namespace sqlgrey::base {

// True if `character`, one UTF-8 character as cut by utf8_sequence(), is a control character: C0 (with line
// ends and NUL), DEL, or C1 (U+0080 to U+009F).
constexpr bool is_control(std::string_view character) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
    if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f;
    return character.size() == 2 && byte(0) == 0xc2 && byte(1) < 0xa0;
}

}  // namespace sqlgrey::base
