// epoll(7), level-triggered, with a key per descriptor.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <array>
#include <cstdint>
#include <span>

#include <sys/epoll.h>

namespace sqlgrey::server {

class Poller {
  public:
    Poller();  // throws std::system_error
    // False if the kernel has no memory for it; the descriptor is then not watched.
    bool add(int fd, std::uint64_t key, std::uint32_t events);
    void change(int fd, std::uint64_t key, std::uint32_t events);
    void remove(int fd);
    // The events so far, not necessarily all; none after `timeout` milliseconds (-1: no timeout). Valid until
    // the next call.
    std::span<const epoll_event> wait(int timeout);

  private:
    base::unique_fd epoll_;
    std::array<epoll_event, 128> events_{};
};

}  // namespace sqlgrey::server
