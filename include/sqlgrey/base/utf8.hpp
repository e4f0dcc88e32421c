// Recognising UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace sqlgrey::base {

// The length of the valid UTF-8 sequence at the beginning of the text: 1 to 4, or 0 if there is none (RFC
// 3629: no over-long forms, no surrogates, nothing above U+10FFFF) or the text is empty.
std::size_t utf8_sequence(std::string_view text);

// How many bytes at the beginning of the text are printable ASCII, blank to '~'. Most texts are nothing else,
// and such a run needs no escaping.
std::size_t printable_ascii_run(std::string_view text);

}  // namespace sqlgrey::base
