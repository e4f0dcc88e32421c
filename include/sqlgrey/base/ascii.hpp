// ASCII characters, independent of the locale. Bytes from 0x80 on belong to no class and are not changed.
#pragma once

#include <string>
#include <string_view>

namespace sqlgrey::base {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_letter(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}
constexpr char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
// A copy with the letters A to Z in lower case.
std::string ascii_lower(std::string_view text);

}  // namespace sqlgrey::base
