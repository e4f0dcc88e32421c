// Calls a function if a piece of work takes too long.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <functional>

namespace sqlgrey::base {

class Watchdog;

// Construct before the work, destroy after it. If that takes longer than `limit`, `too_late` is called once,
// from a thread that serves all TimeLimits of the process. It must not throw, destroy the TimeLimit, or
// block, because meanwhile no other limit is watched. The destructor waits for a call in progress.
//
// The first TimeLimit of a process starts that thread; a forked child starts its own. Destroy a TimeLimit in
// the process that constructed it.
class TimeLimit {
  public:
    // Throws std::system_error if the thread cannot be started, std::bad_alloc.
    TimeLimit(Milliseconds limit, std::function<void()> too_late);
    ~TimeLimit();
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;

  private:
    friend class Watchdog;
    std::function<void()> too_late_;
    Watchdog& watchdog_;
};

}  // namespace sqlgrey::base
