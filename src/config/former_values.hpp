// Values that SQLgrey 1.8 accepted although they are invalid. A configuration that has worked for years must
// not stop the mail system when the program is replaced: if the meaning was clear, they mean the same here,
// with a warning. HOWTO.md, chapter 7, lists them.
#pragma once

#include "reading.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::config {

struct FormerValue {
    std::string value;       // the valid value to use instead
    std::string why;         // for the warning, after the value and what was expected
    bool is_unused = false;  // it has no effect: `value` is the default
};

// The value to use instead of one that the row's setter has refused; nothing if SQLgrey 1.8 did not start
// with it, or its meaning is unclear. The rows before this one have been read.
std::optional<FormerValue> former_value(const Reading& reading, const Parameter& row, std::string_view value);

// The warning for a valid value that SQLgrey 1.8 understood differently; "" if it did not.
std::string changed_meaning(const Parameter& row, std::string_view value);

}  // namespace sqlgrey::config
