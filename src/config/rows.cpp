// The kinds of rows.
#include "rows.hpp"

namespace sqlgrey::config {

Parameter row(const About& about, Type type, std::string range, Setter set) {
    return {about.name, type,           "",         about.default_text, std::move(range),
            "",         about.sentence, about.note, std::move(set)};
}

Parameter text_row(const About& about, std::string Settings::*field, bool may_be_empty) {
    return row(about, Type::text, "", [field, may_be_empty](Settings& settings, std::string_view text) {
        if (text.empty() && !may_be_empty) throw std::invalid_argument("expected a name");
        settings.*field = text;
    });
}

Parameter path_row(const About& about, std::string Settings::*field, bool may_be_empty) {
    return row(about, Type::path, "", [field, may_be_empty](Settings& settings, std::string_view text) {
        if (text.empty() && !may_be_empty) throw std::invalid_argument("expected a path");
        settings.*field = text;
    });
}

Parameter flag_row(const About& about, bool Settings::*field) {
    return row(about, Type::flag, "on or off",
               [field](Settings& settings, std::string_view text) { settings.*field = read_flag(text); });
}

Parameter count_row(const About& about, NumberRange range, std::int64_t Settings::*field) {
    return row(about, Type::number, std::to_string(range.least) + " to " + std::to_string(range.most),
               [field, range](Settings& settings, std::string_view text) {
                   settings.*field = read_number(text, range);
               });
}

Parameter seconds_row(const About& about, std::string_view unit, base::Seconds most, base::Seconds least,
                      base::Seconds Settings::*field) {
    const TimeRange range{least, most, base::Seconds{1}};
    Parameter made = row(about, Type::duration, shown_duration(least) + " to " + shown_duration(most),
                         [field, range, unit](Settings& settings, std::string_view text) {
                             settings.*field =
                                 std::chrono::duration_cast<base::Seconds>(read_duration(text, unit, range));
                         });
    made.unit = unit;
    return made;
}

std::string one_of(const std::vector<std::string_view>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
        out += words[i];
    }
    return out;
}

}  // namespace sqlgrey::config
