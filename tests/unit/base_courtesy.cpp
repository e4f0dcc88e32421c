// Giving way costs next to nothing, whatever runs beside us.
#include "sqlgrey/base/courtesy.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using sqlgrey::base::Courtesy;

namespace {

const Courtesy::Instant start{1000s};

}  // namespace

TEST_CASE("giving way is due at first, and after pauses in which others were served") {
    Courtesy courtesy;
    CHECK(courtesy.due(start));
    courtesy.gave_way(start, start + 1500us);
    CHECK(courtesy.due(start + 1500us));
}

TEST_CASE("after a pause as long as a slice of the scheduler no way is given for fifty times as long") {
    Courtesy courtesy;
    courtesy.gave_way(start, start + 3ms);
    CHECK_FALSE(courtesy.due(start + 3ms));
    CHECK_FALSE(courtesy.due(start + 152ms));
    CHECK(courtesy.due(start + 153ms));
}

TEST_CASE("beside programs that never wait, giving way takes at most a fiftieth of the time") {
    Courtesy courtesy;
    auto now = start;
    auto given = 0us;
    while (now < start + 10s) {
        if (courtesy.due(now)) {
            courtesy.gave_way(now, now + 6ms);
            now += 6ms;
            given += 6ms;
        }
        now += 100us;
    }
    CHECK(given > 0us);
    CHECK(given * 50 <= now - start);
}
