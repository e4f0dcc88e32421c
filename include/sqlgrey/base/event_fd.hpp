// Wakes a thread from another (eventfd(2)). Wait for it here, or watch fd() with poll(2) or epoll(7): it is
// readable while signalled.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"

namespace sqlgrey::base {

// Thread-safe. Several signals before a clear() count as one.
class EventFd {
  public:
    static constexpr Milliseconds for_ever{-1};

    EventFd();  // throws std::system_error
    // Never blocks.
    void signal() const;
    // Never blocks, also if it is not signalled.
    void clear() const;
    // True once signalled; false after `timeout`, or earlier if a signal handler ran in this thread. Does not
    // clear.
    bool wait(Milliseconds timeout) const;
    bool is_signalled() const { return wait(Milliseconds{0}); }
    int fd() const { return fd_.get(); }

  private:
    unique_fd fd_;
};

}  // namespace sqlgrey::base
