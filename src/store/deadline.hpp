// How long a visit to the database may take, and a flag by which another thread ends it.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <atomic>
#include <chrono>

namespace sqlgrey::store {

// How long a visit waits for a lock soon after a wait for another one was in vain.
inline constexpr base::Milliseconds brief_lock_wait{20};
// A server waits only a sixteenth of that time, then we try again: two workers that wait for each other both
// fail and start over, long before the server looks for deadlocks (PostgreSQL does after 1 s).
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
    // True if no time is left to wait for a lock.
    bool passed_for_locks() const { return passed() || std::chrono::steady_clock::now() >= locks_until; }
};

}  // namespace sqlgrey::store
