// How long one visit to the database may wait, and the word from another thread to stop waiting.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <atomic>
#include <chrono>

namespace sqlgrey::store {

struct Patience {
    using Instant = std::chrono::steady_clock::time_point;
    Instant until{};
    Instant locks_until{};
    std::atomic<bool> interrupted{false};

    void start(base::Milliseconds limit, base::Milliseconds lock_limit) {
        const Instant now = std::chrono::steady_clock::now();
        until = now + limit;
        locks_until = now + lock_limit;
        interrupted = false;
    }
    bool over() const { return interrupted || std::chrono::steady_clock::now() >= until; }
    // For waiting for a lock.
    bool over_for_locks() const { return over() || std::chrono::steady_clock::now() >= locks_until; }
};

}  // namespace sqlgrey::store
