// The table of parameters. Reading sqlgrey.conf, --help, --print-config and range errors use it;
// conf/sqlgrey.conf and the manual page are tested against it.
//
// CONTRIBUTING.md lists what else a new parameter needs.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::config {

// The form of a value: how it is read, and what an error says was expected. A `secret` is never shown; of a
// `dsn` everything except its password is.
enum class Type { text, path, flag, number, duration, choice, list, secret, dsn };

struct Parameter {
    std::string_view name;
    Type type;
    std::string_view unit;          // of a bare number: "s", "min", "h", "d", "octal"; "" where none
    std::string_view default_text;  // as it would be in the file
    std::string range;              // shown to the admin: "0 to 7d", "smart, full or classc", ""
    std::string_view section;       // heading in sqlgrey.conf and in the manual page
    std::string_view sentence;      // what it does, one sentence
    std::string_view note;  // "" or why it has no effect (yet); a warning when set to more than its default
    // Stores the value in the settings; throws std::invalid_argument with what was expected.
    std::function<void(Settings&, std::string_view value)> set;
    // For a parameter that a running daemon cannot change, because it has dropped the rights for that:
    // whether the second settings differ from the first in it. Empty for all others: a reload is enough.
    std::function<bool(const Settings&, const Settings&)> needs_restart{};
};

// All parameters, in the order of the sample file. Immutable.
std::span<const Parameter> parameters();

// Names of changed parameters that a reload cannot put into force.
std::vector<std::string_view> changes_that_need_restart(const Settings& in_force, const Settings& wanted);

// The row of that name, or null if there is none.
const Parameter* parameter(std::string_view name);

}  // namespace sqlgrey::config
