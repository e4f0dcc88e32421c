#include "sqlgrey/notify/alert_rate_limit.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::notify {

using namespace std::chrono_literals;

TEST_CASE("five mails at first, then one in ten minutes, ten after a quiet time") {
    std::atomic<std::int64_t> shared{0};
    AlertRateLimit bucket(shared);
    base::Time now = base::at(1'700'000'000);
    const auto taken = [&](int tries) {
        int count = 0;
        for (int i = 0; i < tries; ++i) count += bucket.take(now);
        return count;
    };
    CHECK(taken(20) == 5);
    now += 599s;
    CHECK(taken(20) == 0);
    now += 1s;
    CHECK(taken(20) == 1);
    now += 24h;
    CHECK(taken(20) == 10);
    CHECK(AlertRateLimit(shared).take(now) == false);
    now -= 365 * 24h;  // the clock had been ahead
    CHECK(taken(20) == 5);
}

}  // namespace sqlgrey::notify
