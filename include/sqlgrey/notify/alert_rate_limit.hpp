// How often the administrator may get a mail, over all workers together: five in a row at first, ten after a
// quiet time, and one every ten minutes in the long run (the limits of SQLgrey 1.8).
#pragma once

#include "sqlgrey/base/time.hpp"

#include <atomic>
#include <cstdint>

namespace sqlgrey::notify {

// A token bucket in one number in shared memory: the time at which it was last empty, in seconds since 1970;
// 0 at the beginning. Several processes may use it at once.
class AlertRateLimit {
  public:
    explicit AlertRateLimit(std::atomic<std::int64_t>& empty_since) : empty_since_(empty_since) {}

    // True if a mail may be sent now; it is then counted.
    bool take(base::Time now);

  private:
    std::atomic<std::int64_t>& empty_since_;
};

}  // namespace sqlgrey::notify
