// The one table of parameters. Reading sqlgrey.conf, --help, --print-config, the range errors, the
// sample conf/sqlgrey.conf and the manual page all come from it or are tested against it.
//
// A new parameter is one row here, one line in conf/sqlgrey.conf and one sentence in HOWTO.md.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::config {

// What a value is made of; decides how it is read and what an error says was expected.
// `secret` is never shown, of a `dsn` everything but its password is.
enum class Type { text, path, flag, number, duration, choice, list, secret, dsn };

struct Parameter {
    std::string_view name;
    Type type;
    std::string_view unit;          // of a bare number: "s", "min", "h", "d", "octal"; "" where none
    std::string_view default_text;  // as it would stand in the file
    std::string range;              // shown to the admin: "0 to 7d", "smart, full or classc", ""
    std::string_view section;       // heading of sqlgrey.conf and of the manual
    std::string_view sentence;      // what it does, one sentence
    std::string_view note;  // "" or why it has no effect (yet); a warning when set to more than its default
    // Puts the value into the settings; throws std::invalid_argument with what was expected.
    std::function<void(Settings&, std::string_view value)> set;
    // Of a parameter that a running daemon cannot change, because it has given up the rights for it: whether
    // the second settings ask for another value than the first. Empty for all others: a reload is enough.
    std::function<bool(const Settings&, const Settings&)> needs_restart{};
};

// All parameters, in the order of the sample file. Built once, immutable.
std::span<const Parameter> parameters();

// Names of the parameters whose new values a reload cannot put in force.
std::vector<std::string_view> changes_that_need_restart(const Settings& in_force, const Settings& wanted);

// The row of that name, or null.
const Parameter* parameter(std::string_view name);

}  // namespace sqlgrey::config
