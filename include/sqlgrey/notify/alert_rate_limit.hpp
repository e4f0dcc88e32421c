// How often the admin may get a mail, over all workers together: five at once at first, ten at most after a
// quiet time, and one in ten minutes for good (the limits of SQLgrey 1.8).
#pragma once

#include "sqlgrey/base/time.hpp"

#include <atomic>
#include <cstdint>

namespace sqlgrey::notify {

// A view of one number in shared memory: the time at which the bucket was last empty, in seconds since 1970;
// 0 at the beginning. May be used by several processes at once.
class AlertRateLimit {
  public:
    explicit AlertRateLimit(std::atomic<std::int64_t>& empty_since) : empty_since_(empty_since) {}

    // True if a mail may be sent now; it then counts.
    bool take(base::Time now);

  private:
    std::atomic<std::int64_t>& empty_since_;
};

}  // namespace sqlgrey::notify
