#include "sqlgrey/base/time_limit.hpp"

#include <atomic>

#include <catch2/catch.hpp>

namespace sqlgrey::base {

using namespace std::chrono_literals;

TEST_CASE("work that is done in time is left alone") {
    std::atomic<int> calls = 0;
    {
        const TimeLimit limit(1h, [&] { ++calls; });
    }
    CHECK(calls == 0);
}

TEST_CASE("work that takes too long is told so, once") {
    std::atomic<int> calls = 0;
    {
        const TimeLimit limit(1ms, [&] { ++calls; });
        while (calls == 0) std::this_thread::sleep_for(1ms);
        std::this_thread::sleep_for(20ms);
    }
    CHECK(calls == 1);
}

}  // namespace sqlgrey::base
