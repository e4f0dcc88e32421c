#include "sqlgrey/base/time_limit.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace sqlgrey::base {

using namespace std::chrono_literals;

namespace {

std::ptrdiff_t threads_of_this_process() {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
}

// True if the function of an expired limit is called.
bool a_limit_works() {
    std::atomic<bool> called = false;
    const TimeLimit limit(1ms, [&] { called = true; });
    for (int i = 0; i < 10'000 && !called; ++i) std::this_thread::sleep_for(1ms);
    return called;
}

}  // namespace

TEST_CASE("work that is done in time is left alone") {
    std::atomic<int> calls = 0;
    {
        const TimeLimit limit(1h, [&] { ++calls; });
    }
    CHECK(calls == 0);
}

TEST_CASE("for work that takes too long the function is called once") {
    std::atomic<int> calls = 0;
    {
        const TimeLimit limit(1ms, [&] { ++calls; });
        while (calls == 0) std::this_thread::sleep_for(1ms);
        std::this_thread::sleep_for(20ms);
    }
    CHECK(calls == 1);
}

TEST_CASE("many limits expire each at its time, in any order of their start") {
    std::vector<int> told;
    std::atomic<std::size_t> count = 0;
    {
        const auto tell = [&](int number) {
            return [&told, &count, number] {
                told.push_back(number);
                ++count;
            };
        };
        const TimeLimit last(120ms, tell(3));
        const TimeLimit never(1h, tell(4));
        const TimeLimit first(1ms, tell(1));
        const TimeLimit second(60ms, tell(2));
        while (count < 3) std::this_thread::sleep_for(1ms);
    }
    CHECK(told == std::vector{1, 2, 3});
}

TEST_CASE("the end of the work waits for a call that has begun") {
    std::atomic<bool> begun = false;
    std::atomic<bool> returned = false;
    {
        const TimeLimit limit(1ms, [&] {
            begun = true;
            std::this_thread::sleep_for(50ms);
            returned = true;
        });
        while (!begun) std::this_thread::sleep_for(1ms);
    }
    CHECK(returned);
}

TEST_CASE("many threads may have limits at once, and one thread watches all") {
    REQUIRE(a_limit_works());
    const auto before = threads_of_this_process();
    std::atomic<int> calls = 0;
    std::ptrdiff_t most = 0;
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i)
        workers.emplace_back([&calls] {
            for (int round = 0; round < 500; ++round) {
                const TimeLimit in_time(1h, [&calls] { calls += 1000; });
                const TimeLimit late(0ms, [&calls] { ++calls; });
                if (round % 10 == 0) std::this_thread::sleep_for(1ms);
            }
        });
    for (int i = 0; i < 20; ++i) {
        most = std::max(most, threads_of_this_process());
        std::this_thread::sleep_for(1ms);
    }
    for (std::thread& worker : workers) worker.join();
    CHECK(most <= before + 4);
    CHECK(calls > 0);
    CHECK(calls <= 4 * 500);
}

TEST_CASE("a forked child has its own thread for its limits, even while those of its parent change") {
    REQUIRE(a_limit_works());
    std::atomic<bool> enough = false;
    std::thread busy;
    // Not under AddressSanitizer or ThreadSanitizer: their allocators have no fork handlers, so a child
    // forked while another thread allocates may wait forever for one of their locks.
#ifndef SQLGREY_SANITIZED
    busy = std::thread([&enough] {
        while (!enough) const TimeLimit limit(1h, [] {});
    });
#endif
    int status = -1;
    for (int i = 0; i < 20; ++i) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(a_limit_works() ? 0 : 1);
        ::waitpid(child, &status, 0);
        if (status != 0) break;
    }
    enough = true;
    if (busy.joinable()) busy.join();
    CHECK(status == 0);
    CHECK(a_limit_works());
}

}  // namespace sqlgrey::base
