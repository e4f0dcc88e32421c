// Calls something if a piece of work takes too long.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <functional>

namespace sqlgrey::base {

class Watchdog;

// From construction to destruction is the work; if it lasts longer than `limit`, `too_late` is called once,
// from a thread that watches all TimeLimits of the process. It must not throw, must not destroy the TimeLimit
// and must not wait: the others are not watched meanwhile. The destructor waits for a call that has begun.
//
// The thread is started by the first TimeLimit of a process; a forked child starts its own. A TimeLimit must
// end in the process that made it.
class TimeLimit {
  public:
    // Throws std::system_error if that thread cannot be started, std::bad_alloc.
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
