#include "log_time.hpp"

#include "sqlgrey/base/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <functional>
#include <string>

#include <langinfo.h>
#include <locale.h>

namespace sqlgrey::importer {
namespace {

// Each take_... function removes something from the start of the text. A failed one may have removed part of
// it: its caller works on a copy.

bool take(std::string_view& text, std::string_view what) {
    if (!text.starts_with(what)) return false;
    text.remove_prefix(what.size());
    return true;
}

std::string_view take_digits(std::string_view& text, std::size_t most) {
    const auto end = std::ranges::find_if_not(text.substr(0, most), base::is_digit);
    const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(digits.size());
    return digits;
}

// With that many digits.
std::optional<long long> take_number(std::string_view& text, std::size_t least, std::size_t most) {
    const std::string_view digits = take_digits(text, most);
    if (digits.size() < least) return {};
    long long value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

// Which of the names the text begins with, from 0.
template <std::size_t Count>
std::optional<int> take_name(std::string_view& text, const std::array<std::string_view, Count>& names) {
    for (std::size_t i = 0; i < Count; ++i)
        if (take(text, names[i])) return static_cast<int>(i);
    return {};
}

void take_fraction(std::string_view& text) {
    if (text.size() < 2 || (text[0] != '.' && text[0] != ',') || !base::is_digit(text[1])) return;
    text.remove_prefix(1);
    take_digits(text, text.size());
}

// "20:50:01", "20:50:01.123456"
std::optional<base::Seconds> take_time_of_day(std::string_view& text) {
    const auto hour = take_number(text, 2, 2);
    if (!hour || !take(text, ":")) return {};
    const auto minute = take_number(text, 2, 2);
    if (!minute || !take(text, ":")) return {};
    const auto second = take_number(text, 2, 2);
    if (!second || *hour > 23 || *minute > 59 || *second > 60) return {};
    take_fraction(text);
    return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + base::Seconds{*second};
}

// `month` from 0, `year` from 1900.
base::Time local_time(int year, int month, int day, base::Seconds of_day) {
    std::tm parts{};
    parts.tm_year = year;
    parts.tm_mon = month;
    parts.tm_mday = day;
    parts.tm_sec = static_cast<int>(of_day.count());
    parts.tm_isdst = -1;
    return base::at(std::mktime(&parts));
}

// "2026" followed by `behind`.
std::optional<int> take_year(std::string_view& text, std::string_view behind) {
    std::string_view rest = text;
    const auto year = take_number(rest, 4, 4);
    if (!year || *year < 1970 || !take(rest, behind)) return {};
    text = rest;
    return static_cast<int>(*year);
}

base::Time in_last_year(int month, int day, base::Seconds of_day, base::Time latest) {
    const std::time_t end = base::epoch(latest);
    std::tm now{};
    ::localtime_r(&end, &now);
    const base::Time this_year = local_time(now.tm_year, month, day, of_day);
    if (this_year <= latest + std::chrono::hours{24}) return this_year;
    return local_time(now.tm_year - 1, month, day, of_day);
}

using MonthNames = std::array<std::string, 12>;

// journalctl writes months in the language of the session. A locale object of its own, because setlocale()
// would change how the whole process reads and prints numbers.
MonthNames names_in_language_of_session() {
    MonthNames names;
    const locale_t session = ::newlocale(LC_TIME_MASK, "", nullptr);
    if (!session) return names;
    for (std::size_t i = 0; i < names.size(); ++i)
        names[i] = ::nl_langinfo_l(ABMON_1 + static_cast<nl_item>(i), session);
    ::freelocale(session);
    return names;
}

// A month from 0; also removes the blanks after it.
std::optional<int> take_month(std::string_view& text) {
    static const MonthNames english{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const MonthNames of_session = names_in_language_of_session();
    const std::string_view word = text.substr(0, text.find(' '));
    if (word.empty() || word.size() == text.size()) return {};
    for (const MonthNames& names : {std::cref(english), std::cref(of_session)}) {
        const auto found = std::ranges::find(names, word);
        if (found == names.end()) continue;
        text.remove_prefix(word.size() + 1);
        take(text, " ");
        return static_cast<int>(found - names.begin());
    }
    return {};
}

std::optional<base::Time> take_classic(std::string_view& text, base::Time latest) {
    auto year = take_year(text, " ");
    const auto month = take_month(text);
    if (!month) return {};
    const auto day = take_number(text, 1, 2);
    if (!day || *day < 1 || *day > 31 || !take(text, " ")) return {};
    if (!year) year = take_year(text, " ");
    const auto of_day = take_time_of_day(text);
    if (!of_day) return {};
    const int of_month = static_cast<int>(*day);
    if (year) return local_time(*year - 1900, *month, of_month, *of_day);
    return in_last_year(*month, of_month, *of_day, latest);
}

// "Z", "+01:00", "-0500", "+01"
std::optional<base::Seconds> take_offset(std::string_view& zone) {
    if (take(zone, "Z")) return base::Seconds{0};
    const bool west = zone.starts_with('-');
    zone.remove_prefix(1);
    const auto hours = take_number(zone, 2, 2);
    if (!hours || *hours > 14) return {};
    const bool minutes_follow = take(zone, ":") || (!zone.empty() && base::is_digit(zone.front()));
    const auto minutes = minutes_follow ? take_number(zone, 2, 2) : 0;
    if (!minutes || *minutes > 59) return {};
    const base::Seconds east = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
    return west ? -east : east;
}

// A zone as a separate word, which journalctl writes after a time with a day of the week: "UTC", "CET",
// "+03".
bool take_zone_word(std::string_view& text) {
    if (!take(text, " ")) return false;
    const std::string_view zone = text.substr(0, text.find(' '));
    text.remove_prefix(zone.size());
    return zone == "UTC";
}

std::optional<base::Time> take_iso(std::string_view& text, base::Time /*latest*/) {
    constexpr std::array<std::string_view, 7> days{"Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "};
    const bool has_zone_word = take_name(text, days).has_value();
    const auto year = take_year(text, "-");
    const auto month = take_number(text, 2, 2);
    if (!year || !month || !take(text, "-")) return {};
    const auto day = take_number(text, 2, 2);
    if (!day || (!take(text, "T") && !take(text, " "))) return {};
    const auto of_day = take_time_of_day(text);
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!of_day || !date.ok()) return {};
    const base::Time in_utc = base::Time{std::chrono::sys_days{date}} + *of_day;
    if (has_zone_word && take_zone_word(text)) return in_utc;
    if (text.empty() || std::string_view{"Z+-"}.find(text.front()) == std::string_view::npos)
        return local_time(*year - 1900, static_cast<int>(*month) - 1, static_cast<int>(*day), *of_day);
    const auto east = take_offset(text);
    if (!east) return {};
    return in_utc - *east;
}

std::optional<base::Time> take_seconds(std::string_view& text, base::Time /*latest*/) {
    const auto seconds = take_number(text, 9, 10);
    if (!seconds) return {};
    take_fraction(text);
    return base::at(*seconds);
}

}  // namespace

std::optional<base::Time> take_time(std::string_view& line, base::Time latest) {
    for (const auto form : {take_iso, take_classic, take_seconds}) {
        std::string_view rest = line;
        const auto time = form(rest, latest);
        if (!time || (!rest.empty() && rest.front() != ' ')) continue;
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        line = rest;
        return time;
    }
    return {};
}

}  // namespace sqlgrey::importer
