// A worker for one client on standard input and output, for a server that starts a process for each of its
// clients, such as spawn(8) of Postfix.
//
// A worker serves connections that are passed to it. Here it gets one, and two threads carry bytes between
// that and standard input and output, which may be anything: one socket, two pipes, a file.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <thread>

namespace sqlgrey::server {

class StandardStreams {
  public:
    // Starts the threads, and passes the connection. Throws base::StartError, std::system_error.
    StandardStreams();
    // Waits until the worker has closed the connection, or nobody reads standard output.
    ~StandardStreams();
    StandardStreams(const StandardStreams&) = delete;
    StandardStreams& operator=(const StandardStreams&) = delete;

    // What the worker is to be given: the channel over which the connection comes, once, and the descriptor
    // that is readable when nobody reads standard output any more.
    base::unique_fd take_channel() { return std::move(channel_for_worker_); }
    int stop() const { return stop_for_worker_.get(); }

  private:
    base::unique_fd channel_, channel_for_worker_;
    base::unique_fd stop_, stop_for_worker_;
    std::jthread output_;
};

}  // namespace sqlgrey::server
