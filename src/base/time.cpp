// The wall clock, and durations as the X-Greylist header and the log show them.
#include "sqlgrey/base/time.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace sqlgrey::base {
namespace {

std::string two_digits(std::int64_t n) {
    const std::string digits = std::to_string(n);
    return digits.size() < 2 ? "0" + digits : digits;
}

// Writes the number with so many digits into the text, from `at` on.
void put_digits(std::string& text, std::size_t at, std::size_t digits, unsigned number) {
    for (std::size_t i = at + digits; i-- > at; number /= 10) text[i] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string hh_mm_ss(Seconds duration) {
    const std::int64_t total = std::max<std::int64_t>(duration.count(), 0);
    return two_digits(total / 3600) + ":" + two_digits(total / 60 % 60) + ":" + two_digits(total % 60);
}

Time SystemClock::now() const {
    return std::chrono::floor<Seconds>(std::chrono::system_clock::now());
}

// Without printf(3), because each line of a log in JSON has two times.
std::string rfc3339(Time time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const int year = static_cast<int>(date.year());
    if (year < 0 || year > 9999) return iso_date(day) + "T" + hh_mm_ss(time - day) + "Z";
    const auto second = static_cast<unsigned>((time - day).count());
    std::string text = "0000-00-00T00:00:00Z";
    put_digits(text, 0, 4, static_cast<unsigned>(year));
    put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
    put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
    put_digits(text, 11, 2, second / 3600);
    put_digits(text, 14, 2, second / 60 % 60);
    put_digits(text, 17, 2, second % 60);
    return text;
}

std::chrono::sys_days local_date(Time time) {
    const std::time_t seconds = epoch(time);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return std::chrono::sys_days{std::chrono::year{local.tm_year + 1900} / (local.tm_mon + 1) /
                                 local.tm_mday};
}

std::string iso_date(std::chrono::sys_days day) {
    const std::chrono::year_month_day date{day};
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text.data();
}

}  // namespace sqlgrey::base
