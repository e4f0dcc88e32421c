#include "sqlgrey/notify/alert_rate_limit.hpp"

#include <algorithm>

namespace sqlgrey::notify {
namespace {

constexpr std::int64_t refill = 600;  // seconds per mail
constexpr std::int64_t at_first = 5;
constexpr std::int64_t at_most = 10;

}  // namespace

bool AlertRateLimit::take(base::Time time) {
    const std::int64_t now = base::epoch(time);
    std::int64_t seen = empty_since_;
    while (true) {
        // A time in the future: the clock was set back.
        const bool unknown = seen == 0 || seen > now + refill;
        const std::int64_t since = unknown ? now - at_first * refill : std::max(seen, now - at_most * refill);
        if (now - since < refill) return false;
        if (empty_since_.compare_exchange_weak(seen, since + refill)) return true;
    }
}

}  // namespace sqlgrey::notify
