// Calls something if a piece of work takes too long.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace sqlgrey::base {

// From construction to destruction is the work; if it lasts longer than `limit`, `too_late` is called once,
// from a thread of its own. It must not throw and must not destroy the TimeLimit.
class TimeLimit {
  public:
    TimeLimit(Milliseconds limit, std::function<void()> too_late);
    ~TimeLimit();
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::thread thread_;
};

}  // namespace sqlgrey::base
