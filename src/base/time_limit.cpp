#include "sqlgrey/base/time_limit.hpp"

namespace sqlgrey::base {

TimeLimit::TimeLimit(Milliseconds limit, std::function<void()> too_late)
    : thread_([this, limit, too_late = std::move(too_late)] {
          std::unique_lock lock(mutex_);
          if (!changed_.wait_for(lock, limit, [this] { return done_; })) too_late();
      }) {
}

TimeLimit::~TimeLimit() {
    {
        const std::lock_guard lock(mutex_);
        done_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

}  // namespace sqlgrey::base
