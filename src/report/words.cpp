#include "sqlgrey/report/words.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/control_character.hpp"
#include "sqlgrey/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace sqlgrey::report {
namespace {

constexpr std::array<const char*, 12> months{"January",   "February", "March",    "April",
                                             "May",       "June",     "July",     "August",
                                             "September", "October",  "November", "December"};

const char* month_of(const std::chrono::year_month_day& date) {
    return months[static_cast<unsigned>(date.month()) - 1];
}

std::string two_digits(std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

// "1 h 5 min": two units, the second only if it is not 0.
std::string two_units(std::int64_t count, std::int64_t per_large, const char* large, const char* small) {
    const std::int64_t rest = count % per_large;
    std::string text = std::to_string(count / per_large) + " " + large;
    if (rest > 0) text += " " + std::to_string(rest) + " " + small;
    return text;
}

unsigned code_point(std::string_view sequence) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
    constexpr std::array<unsigned, 5> first_bits{0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned point = byte(0) & first_bits[sequence.size()];
    for (std::size_t i = 1; i < sequence.size(); ++i) point = point << 6 | (byte(i) & 0x3fU);
    return point;
}

// Marks of direction (UAX 9), without width, of line ends, interlinear annotation, and tags: none of them is
// seen, and each may change how the rest is read.
bool is_unseen(unsigned point) {
    struct Range {
        unsigned first, last;
    };
    constexpr std::array<Range, 10> ranges{{{0xad, 0xad},
                                            {0x34f, 0x34f},
                                            {0x61c, 0x61c},
                                            {0x115f, 0x1160},
                                            {0x180b, 0x180e},
                                            {0x200b, 0x200f},
                                            {0x2028, 0x202e},
                                            {0x2060, 0x206f},
                                            {0xfe00, 0xfe0f},
                                            {0xfeff, 0xfeff}}};
    if (point >= 0xfff0 && point <= 0xfffb) return true;
    if (point >= 0xe0000 && point <= 0xe0fff) return true;
    return std::ranges::any_of(ranges, [&](Range one) { return point >= one.first && point <= one.last; });
}

std::string escaped_bytes(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
    return text;
}

std::string html_character(std::string_view one) {
    switch (one.front()) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            break;
    }
    return std::string{one};
}

}  // namespace

std::string grouped(std::int64_t number) {
    std::string text = std::to_string(number);
    const std::size_t sign = number < 0 ? 1 : 0;
    for (std::size_t at = text.size(); at > 3 + sign; at -= 3) text.insert(at - 3, ",");
    return text;
}

std::string shortened(double number) {
    constexpr std::array<std::pair<double, const char*>, 3> units{{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
    for (const auto& [unit, letter] : units) {
        if (number < unit) continue;
        const double tenths = std::round(number / unit * 10);
        const auto whole = static_cast<std::int64_t>(tenths);
        const bool shows_tenth = whole < 100 && whole % 10 != 0;
        return std::to_string(whole / 10) + (shows_tenth ? "." + std::to_string(whole % 10) : "") + letter;
    }
    return std::to_string(std::llround(number));
}

std::string percent(std::int64_t part, std::int64_t whole) {
    if (whole <= 0) return "-";
    const std::int64_t rounded = std::llround(static_cast<double>(part) * 100 / static_cast<double>(whole));
    if (rounded == 0 && part > 0) return "< 1 %";
    if (rounded == 100 && part < whole) return "> 99 %";
    return std::to_string(rounded) + " %";
}

std::string duration(base::Seconds time) {
    const std::int64_t seconds = std::max<std::int64_t>(time.count(), 0);
    if (seconds < 90 && seconds != 60) return std::to_string(seconds) + " s";
    const std::int64_t minutes = (seconds + 30) / 60;
    if (minutes < 60) return std::to_string(minutes) + " min";
    const std::int64_t hours = (seconds + 1800) / 3600;
    if (hours < 10) return two_units(minutes, 60, "h", "min");
    if (hours < 48) return std::to_string(hours) + " h";
    const std::int64_t days = (seconds + 43'200) / 86'400;
    return hours < 240 ? two_units(hours, 24, "days", "h") : std::to_string(days) + " days";
}

std::string duration(const Wait& wait) {
    return (wait.is_more ? "more than " : wait.is_at_most ? "at most " : "") + duration(wait.time);
}

std::string iso(Date date) {
    return base::iso_date(date);
}

std::string short_date(Date date) {
    const std::chrono::year_month_day parts{date};
    return std::to_string(static_cast<unsigned>(parts.day())) + " " +
           std::string{month_of(parts)}.substr(0, 3);
}

std::string long_date(Date date) {
    const std::chrono::year_month_day parts{date};
    return std::to_string(static_cast<unsigned>(parts.day())) + " " + month_of(parts) + " " +
           std::to_string(static_cast<int>(parts.year()));
}

std::string moment(base::Time time) {
    const Date date = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::hh_mm_ss of_day{time - date};
    return iso(date) + " " + two_digits(of_day.hours().count()) + ":" + two_digits(of_day.minutes().count()) +
           " UTC";
}

std::string counted(std::int64_t number, std::string_view one) {
    return grouped(number) + " " + std::string{one} + (number == 1 ? "" : "s");
}

std::string html(std::string_view text, std::size_t most) {
    std::string out;
    for (std::size_t shown = 0; !text.empty(); ++shown) {
        if (shown == most) return out + "…";
        const std::size_t length = base::utf8_sequence(text);
        const std::string_view one = text.substr(0, std::max<std::size_t>(length, 1));
        const bool is_seen = length > 0 && !base::is_control(one) && !is_unseen(code_point(one));
        out += is_seen ? html_character(one) : escaped_bytes(one);
        text.remove_prefix(one.size());
    }
    return out;
}

std::string shell_word(std::string_view text) {
    const auto is_harmless = [](char c) {
        return base::is_letter(c) || base::is_digit(c) ||
               std::string_view{"._:/@%+-"}.find(c) != std::string_view::npos;
    };
    if (!text.empty() && std::ranges::all_of(text, is_harmless)) return std::string{text};
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "'\\''" : std::string{c};
    return out + "'";
}

}  // namespace sqlgrey::report
