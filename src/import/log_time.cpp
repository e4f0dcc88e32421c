#include "log_time.hpp"

#include <array>
#include <charconv>
#include <ctime>

namespace sqlgrey::imported {
namespace {

constexpr std::size_t classic_length = 15;  // "Nov  2 20:50:01"

// The decimal number that is all of the text; blanks may stand before it.
std::optional<int> number(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    int value = 0;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (result.ec != std::errc{} || result.ptr != end || value < 0) return {};
    return value;
}

// "20:50:01"
std::optional<base::Seconds> time_of_day(std::string_view text) {
    if (text.size() != 8 || text[2] != ':' || text[5] != ':') return {};
    const auto hour = number(text.substr(0, 2));
    const auto minute = number(text.substr(3, 2));
    const auto second = number(text.substr(6, 2));
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return {};
    return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + base::Seconds{*second};
}

std::optional<int> month_named(std::string_view name) {
    constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name) return static_cast<int>(i);
    return {};
}

base::Time local_time(int year, int month, int day, base::Seconds of_day) {
    std::tm parts{};
    parts.tm_year = year;
    parts.tm_mon = month;
    parts.tm_mday = day;
    parts.tm_sec = static_cast<int>(of_day.count());
    parts.tm_isdst = -1;
    return base::at(std::mktime(&parts));
}

std::optional<base::Time> classic(std::string_view line, base::Time latest) {
    if (line.size() < classic_length || line[3] != ' ' || line[6] != ' ') return {};
    const auto month = month_named(line.substr(0, 3));
    const auto day = number(line.substr(4, 2));
    const auto of_day = time_of_day(line.substr(7, 8));
    if (!month || !day || *day < 1 || *day > 31 || !of_day) return {};
    const std::time_t end = base::epoch(latest);
    std::tm now{};
    ::localtime_r(&end, &now);
    const base::Time this_year = local_time(now.tm_year, *month, *day, *of_day);
    if (this_year <= latest + std::chrono::hours{24}) return this_year;
    return local_time(now.tm_year - 1, *month, *day, *of_day);
}

// "Z", "+01:00", "-0500"; what stands behind the seconds.
std::optional<base::Seconds> offset(std::string_view zone) {
    if (zone == "Z") return base::Seconds{0};
    if ((!zone.starts_with('+') && !zone.starts_with('-')) || (zone.size() != 5 && zone.size() != 6))
        return {};
    const auto hours = number(zone.substr(1, 2));
    const auto minutes = number(zone.substr(zone.size() - 2));
    if (!hours || !minutes || *hours > 14 || *minutes > 59) return {};
    const base::Seconds east = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
    return zone.starts_with('-') ? -east : east;
}

std::optional<base::Time> iso(std::string_view line) {
    const std::string_view stamp = line.substr(0, line.find(' '));
    if (stamp.size() < 20 || stamp[4] != '-' || stamp[7] != '-' || stamp[10] != 'T') return {};
    const auto year = number(stamp.substr(0, 4));
    const auto month = number(stamp.substr(5, 2));
    const auto day = number(stamp.substr(8, 2));
    const auto of_day = time_of_day(stamp.substr(11, 8));
    const auto zone_at = stamp.find_first_of("Z+-", 19);
    if (!year || !month || !day || !of_day || zone_at == std::string_view::npos) return {};
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    const auto east = offset(stamp.substr(zone_at));
    if (!date.ok() || !east) return {};
    return base::Time{std::chrono::sys_days{date}} + *of_day - *east;
}

}  // namespace

std::optional<base::Time> time_at_start(std::string_view line, base::Time latest) {
    if (const auto time = iso(line)) return time;
    return classic(line, latest);
}

std::string_view behind_host(std::string_view line) {
    const bool is_iso = !line.empty() && line[0] >= '0' && line[0] <= '9';
    const std::size_t stamp_end = is_iso ? line.find(' ') : classic_length;
    if (stamp_end >= line.size() || line[stamp_end] != ' ') return {};
    const std::size_t host_end = line.find(' ', stamp_end + 1);
    if (host_end == std::string_view::npos) return {};
    return line.substr(host_end + 1);
}

}  // namespace sqlgrey::imported
