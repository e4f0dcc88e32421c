// Cuts the text of a file into lines, and comments off a line.
#pragma once

#include <cstdint>
#include <string_view>

namespace sqlgrey::lists {

// Blanks that may surround an entry, including the CR of Windows line ends.
inline constexpr std::string_view blanks = " \t\r";

// The entry in a line of a list, without the comment and surrounding blanks. Empty if there is none.
std::string_view entry_in(std::string_view line);

// Calls take(line, number) for each line, numbered from 1, without line ends and byte order mark.
template <class Take>
void for_each_line(std::string_view text, Take take) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    for (std::int64_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        take(text.substr(0, end), number);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

}  // namespace sqlgrey::lists
