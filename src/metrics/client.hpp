// One client of the exporter: a request in, a response out, then what it still sends is dropped until it
// closes.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/metrics/http.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace sqlgrey::metrics {

using Instant = std::chrono::steady_clock::time_point;

class Client {
  public:
    Client(base::unique_fd socket, Instant end) : socket_(std::move(socket)), end_(end) {}

    int fd() const { return socket_.get(); }
    Instant end() const { return end_; }
    void end_no_later_than(Instant moment) { end_ = std::min(end_, moment); }
    // What to wait for: POLLIN or POLLOUT.
    short events() const;
    // It is readable, writable or broken. False: it is done, to be closed.
    bool go_on(const Pages& pages);
    // The end has come: it is told, if it has not sent a request.
    void time_is_up();

  private:
    bool read(const Pages& pages);
    bool write();
    bool drop();

    base::unique_fd socket_;
    Instant end_;
    std::string request_;
    std::string response_;
    std::size_t written_ = 0;
    bool is_answered_ = false;
    std::size_t dropped_ = 0;
};

}  // namespace sqlgrey::metrics
