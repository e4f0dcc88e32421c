// Values that SQLgrey 1.8 took, though they are none of a parameter's: a configuration that has worked for
// years must not stop the mail system when the program is changed. Where it is clear what they meant there,
// they mean that here, with a warning. HOWTO.md, chapter 7, lists them.
#pragma once

#include "reading.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::config {

struct FormerValue {
    std::string value;       // that counts in its place
    std::string why;         // for the warning, behind the value and what was expected
    bool is_unused = false;  // nothing depends on it: `value` is the default
};

// What counts in place of a value that the row's setter has refused; nothing where SQLgrey 1.8 would not have
// started either, or where it is not clear what it meant. The rows in front have been read.
std::optional<FormerValue> former_value(const Reading& reading, const Parameter& row, std::string_view value);

// For a value that is understood: what to say if SQLgrey 1.8 took it for another one; else "".
std::string taken_otherwise(const Parameter& row, std::string_view value);

}  // namespace sqlgrey::config
