// How long one visit to the database may wait, and the flag by which another thread cancels the wait.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <atomic>
#include <chrono>

namespace sqlgrey::store {

// How long a visit waits for a lock that was there a moment ago.
inline constexpr base::Milliseconds brief_lock_wait{20};
// A server is told to wait for this part of a lock's time only, and is asked again: two workers that wait for
// each other are both sent back then, long before the server looks for deadlocks (PostgreSQL: after a
// second).
inline constexpr int waits_of_server = 16;

struct Deadline {
    using Instant = std::chrono::steady_clock::time_point;
    Instant until{};
    Instant locks_until{};
    std::atomic<bool> cancelled{false};

    void start(base::Milliseconds limit, base::Milliseconds lock_limit) {
        const Instant now = std::chrono::steady_clock::now();
        until = now + limit;
        locks_until = now + lock_limit;
        cancelled = false;
    }
    bool passed() const { return cancelled || std::chrono::steady_clock::now() >= until; }
    // For waiting for a lock.
    bool passed_for_locks() const { return passed() || std::chrono::steady_clock::now() >= locks_until; }
};

}  // namespace sqlgrey::store
