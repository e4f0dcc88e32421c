// Yielding costs at most a fiftieth of the time, whatever else uses the CPU.
#include "sqlgrey/base/yield_backoff.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using sqlgrey::base::YieldBackoff;

namespace {

const YieldBackoff::Instant start{1000s};

}  // namespace

TEST_CASE("a yield is due at first, and after short ones") {
    YieldBackoff yield_backoff;
    CHECK(yield_backoff.due(start));
    yield_backoff.yielded(start, start + 1500us);
    CHECK(yield_backoff.due(start + 1500us));
}

TEST_CASE("after a yield of a scheduler's time slice none is due for fifty times as long") {
    YieldBackoff yield_backoff;
    yield_backoff.yielded(start, start + 3ms);
    CHECK_FALSE(yield_backoff.due(start + 3ms));
    CHECK_FALSE(yield_backoff.due(start + 152ms));
    CHECK(yield_backoff.due(start + 153ms));
}

TEST_CASE("next to programs that never wait, yielding takes at most a fiftieth of the time") {
    YieldBackoff yield_backoff;
    auto now = start;
    auto given = 0us;
    while (now < start + 10s) {
        if (yield_backoff.due(now)) {
            yield_backoff.yielded(now, now + 6ms);
            now += 6ms;
            given += 6ms;
        }
        now += 100us;
    }
    CHECK(given > 0us);
    CHECK(given * 50 <= now - start);
}
