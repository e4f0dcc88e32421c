#include "sqlgrey/notify/alert_rate_limit.hpp"

#include <algorithm>

namespace sqlgrey::notify {
namespace {

constexpr long long refill = 600;  // seconds a mail
constexpr long long at_first = 5;
constexpr long long at_most = 10;

}  // namespace

bool AlertRateLimit::take(base::Time time) {
    const long long now = base::epoch(time);
    long long seen = empty_since_;
    while (true) {
        // A time ahead: the clock has been set back since.
        const bool unknown = seen == 0 || seen > now + refill;
        const long long since = unknown ? now - at_first * refill : std::max(seen, now - at_most * refill);
        if (now - since < refill) return false;
        if (empty_since_.compare_exchange_weak(seen, since + refill)) return true;
    }
}

}  // namespace sqlgrey::notify
