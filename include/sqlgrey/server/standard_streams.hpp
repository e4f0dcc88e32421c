// Serves a single client on standard input and output, for servers that start a process per client, such as
// Postfix's spawn(8).
//
// A worker serves connections that are passed to it. This passes it one end of a socket pair; two threads
// copy bytes between the other end and standard input and output, which may be anything: one socket, two
// pipes, a file.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <thread>

namespace sqlgrey::server {

class StandardStreams {
  public:
    // Starts the threads and passes the connection. Throws base::StartError, std::system_error.
    StandardStreams();
    // Waits until the worker has closed the connection, or the reader of standard output is gone.
    ~StandardStreams();
    StandardStreams(const StandardStreams&) = delete;
    StandardStreams& operator=(const StandardStreams&) = delete;

    // For the worker: the channel over which it gets the connection (call once), and a descriptor that
    // becomes readable when the reader of standard output is gone.
    base::unique_fd take_channel() { return std::move(channel_for_worker_); }
    int stop() const { return stop_for_worker_.get(); }

  private:
    base::unique_fd channel_, channel_for_worker_;
    base::unique_fd stop_, stop_for_worker_;
    std::jthread output_;
};

}  // namespace sqlgrey::server
