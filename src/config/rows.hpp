// Builds the rows of the table. The range shown and the range checked are the same numbers, and the choices
// listed and accepted the same list. Private to the module.
#pragma once

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/parameters.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sqlgrey::config {

// The columns that every row has.
struct About {
    std::string_view name;
    std::string_view default_text;
    std::string_view sentence;
    std::string_view note{};
};

using Setter = std::function<void(Settings&, std::string_view)>;

Parameter row(const About& about, Type type, std::string range, Setter set);

Parameter text_row(const About& about, std::string Settings::*field, bool may_be_empty = true);
Parameter path_row(const About& about, std::string Settings::*field, bool may_be_empty = true);
Parameter flag_row(const About& about, bool Settings::*field);
Parameter count_row(const About& about, NumberRange range, std::int64_t Settings::*field);
Parameter seconds_row(const About& about, std::string_view unit, base::Seconds most, base::Seconds least,
                      base::Seconds Settings::*field);

// The row of a parameter that needs a restart.
template <typename Value>
Parameter at_restart(Parameter row, Value Settings::*field) {
    row.needs_restart = [field](const Settings& in_force, const Settings& wanted) {
        return in_force.*field != wanted.*field;
    };
    return row;
}

std::string one_of(const std::vector<std::string_view>& words);

// Words are accepted in any letter case. Only the first word of a value is listed.
template <typename Value>
Parameter choice_row(const About& about, Value Settings::*field,
                     std::initializer_list<std::pair<std::string_view, Value>> choices) {
    const std::vector<std::pair<std::string_view, Value>> known{choices};
    std::vector<std::string_view> listed;
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto same = [&](const auto& earlier) { return earlier.second == known[i].second; };
        if (std::none_of(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(i), same)) {
            listed.push_back(known[i].first);
        }
    }
    const std::string range = one_of(listed);
    return row(about, Type::choice, range, [field, known, range](Settings& settings, std::string_view text) {
        const std::string wanted = base::ascii_lower(base::trimmed(text));
        for (const auto& [word, value] : known) {
            if (base::ascii_lower(word) != wanted) continue;
            settings.*field = value;
            return;
        }
        throw std::invalid_argument("expected " + range);
    });
}

}  // namespace sqlgrey::config
