// A descriptor by which one thread wakes another (eventfd(2)): to be waited for here, or watched by poll(2)
// and epoll(7), for which it is readable while it is signalled.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"

namespace sqlgrey::base {

// Any thread may call any of it. Signals that come before a clear() count as one.
class EventFd {
  public:
    static constexpr Milliseconds for_ever{-1};

    EventFd();  // throws std::system_error
    void signal() const;
    void clear() const;
    // True once it is signalled; false after `timeout`, or earlier if a signal handler ran in this thread.
    // Leaves it signalled.
    bool wait(Milliseconds timeout) const;
    bool is_signalled() const { return wait(Milliseconds{0}); }
    int fd() const { return fd_.get(); }

  private:
    unique_fd fd_;
};

}  // namespace sqlgrey::base
