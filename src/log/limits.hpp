// How many lines of a category a process has written because a client asked for them, so to say: a line for
// what is no request costs its sender a few bytes.
#pragma once

#include "sqlgrey/log/logger.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

namespace sqlgrey::log {

// Callable from several threads at once.
class Limits {
  public:
    using Instant = std::chrono::steady_clock::time_point;
    enum class Verdict { write, last, drop };

    // Counts one line. `last`: it is the last one that is written for now, and that is to be told.
    Verdict take(Category category, Instant now);

    struct Dropped {
        Category category;
        std::int64_t lines;
    };
    // What has been dropped and can be told, because its ten seconds are over; each is told once.
    std::vector<Dropped> over(Instant now);
    // False: over() has nothing to tell. Costs nothing.
    bool has_dropped() const { return has_dropped_.load(std::memory_order_relaxed); }

  private:
    struct Count {
        Instant begun{};
        int written = 0;
        std::int64_t dropped = 0;
    };
    std::mutex mutex_;
    std::array<Count, category_count> counts_{};
    std::atomic<bool> has_dropped_{false};
};

}  // namespace sqlgrey::log
