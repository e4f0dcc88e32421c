#include "sqlgrey/base/utf8.hpp"

#include <algorithm>

namespace sqlgrey::base {
namespace {

bool continues(unsigned char byte) {
    return (byte & 0xc0) == 0x80;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
    if (text.empty()) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (!continues(byte(i))) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;  // over-long
    if (first == 0xed && byte(1) > 0x9f) return 0;  // surrogates
    if (first == 0xf0 && byte(1) < 0x90) return 0;  // over-long
    if (first == 0xf4 && byte(1) > 0x8f) return 0;  // above U+10FFFF
    return length;
}

std::size_t printable_ascii_run(std::string_view text) {
    const auto end = std::find_if_not(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
    return static_cast<std::size_t>(end - text.begin());
}

}  // namespace sqlgrey::base
