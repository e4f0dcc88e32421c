// The wall clock, and durations as the X-Greylist header and the log show them.
#include "sqlgrey/base/time.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace sqlgrey::base {
namespace {

std::string two_digits(std::int64_t n) {
    const std::string digits = std::to_string(n);
    return digits.size() < 2 ? "0" + digits : digits;
}

}  // namespace

std::string hh_mm_ss(Seconds duration) {
    const std::int64_t total = std::max<std::int64_t>(duration.count(), 0);
    return two_digits(total / 3600) + ":" + two_digits(total / 60 % 60) + ":" + two_digits(total % 60);
}

Time SystemClock::now() const {
    return std::chrono::floor<Seconds>(std::chrono::system_clock::now());
}

std::string rfc3339(Time time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text.data() + hh_mm_ss(time - day) + "Z";
}

}  // namespace sqlgrey::base
