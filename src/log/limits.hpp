// The rate limit for lines that clients can cause at will, by category: a line about bytes that are no
// request costs its sender almost nothing.
#pragma once

#include "sqlgrey/log/logger.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

namespace sqlgrey::log {

// May be called from several threads at once.
class Limits {
  public:
    using Instant = std::chrono::steady_clock::time_point;
    enum class Verdict { write, last, drop };

    // Counts one line. `last`: write it, and say that further lines will be dropped.
    Verdict take(Category category, Instant now);

    struct Dropped {
        Category category;
        std::int64_t lines;
    };
    // The lines dropped in periods (limited_period) that are over; returned once.
    std::vector<Dropped> over(Instant now);
    // False if over() would return nothing. Cheap.
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
