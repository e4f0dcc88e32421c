// Telling UTF-8 from other bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace sqlgrey::base {

// The length of the valid UTF-8 sequence the text begins with: 1 to 4, or 0 if it begins with none (RFC 3629:
// no over-long forms, no surrogates, nothing above U+10FFFF) or is empty.
std::size_t utf8_sequence(std::string_view text);

// The length of the run of printable ASCII, blank to '~', that the text begins with: most text is nothing
// else, and such a run may stand anywhere as it is.
std::size_t printable_ascii_run(std::string_view text);

}  // namespace sqlgrey::base
