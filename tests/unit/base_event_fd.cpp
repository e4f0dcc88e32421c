// Waking another thread.
#include "sqlgrey/base/event_fd.hpp"

#include <thread>

#include <catch2/catch.hpp>
#include <poll.h>

using namespace std::chrono_literals;
using sqlgrey::base::EventFd;

TEST_CASE("an event is signalled until it is cleared, however often it was signalled") {
    const EventFd event;
    CHECK_FALSE(event.is_signalled());
    event.signal();
    event.signal();
    CHECK(event.is_signalled());
    CHECK(event.wait(EventFd::for_ever));
    event.clear();
    CHECK_FALSE(event.is_signalled());
    event.clear();  // does not block
}

TEST_CASE("an event wakes the thread that waits for it") {
    const EventFd event;
    bool woken = false;
    std::thread waits([&] { woken = event.wait(60s); });
    event.signal();
    waits.join();
    CHECK(woken);
}

TEST_CASE("a wait without an event ends in time") {
    const EventFd event;
    const auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(event.wait(20ms));
    CHECK(std::chrono::steady_clock::now() - begin >= 20ms);
}

TEST_CASE("an event is readable for poll while it is signalled") {
    const EventFd event;
    pollfd watched{event.fd(), POLLIN, 0};
    CHECK(::poll(&watched, 1, 0) == 0);
    event.signal();
    CHECK(::poll(&watched, 1, 0) == 1);
}
