// The wall clock, and durations as the X-Greylist header and the log show them.
#include "sqlgrey/base/time.hpp"

#include <algorithm>

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

}  // namespace sqlgrey::base
