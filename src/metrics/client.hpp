// One client of the exporter: reads a request, writes the response, then drops input until the client closes.
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
    // What to poll for: POLLIN or POLLOUT.
    short events() const;
    // Called when poll(2) reports the descriptor. Never blocks. False if the connection is to be closed.
    bool go_on(const Pages& pages);
    // Called at end(): answers 408 if no complete request has come.
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
