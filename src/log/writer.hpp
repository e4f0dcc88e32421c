// Writes all log lines of a process to one destination, and never makes a caller wait for the reader.
//
// What can be written without blocking is written by the caller. Everything else (a pipe, a terminal, a full
// socket, a syslog daemon that is gone) waits in a queue of at most 1 MB, which a thread writes. If the queue
// is full, the oldest lines are dropped and counted, and the number is logged as soon as lines get through
// again. Lines stay whole and in order. What the thread is writing is never dropped.
#pragma once

#include "destination.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/log/logger.hpp"

#include <memory>
#include <span>
#include <string>

namespace sqlgrey::log {

// Makes the bytes to write from a line.
class Format {
  public:
    virtual ~Format() = default;
    virtual void append(std::string& bytes, int level, std::string_view line) const = 0;
};

// May be called from several threads at once.
class Writer {
  public:
    explicit Writer(std::unique_ptr<const Destination> destination);
    // Never destroyed: its thread may be in the middle of a write.
    ~Writer() = delete;

    void write(const std::shared_ptr<const Format>& format, std::span<const Sink::Line> lines) noexcept;
    // Waits at most `limit` until everything is written.
    void finish(base::Milliseconds limit);
    // Called in a child right after fork(2): queue and thread remain the parent's.
    void forked();

  private:
    struct State;

    std::size_t write_at_once(std::span<const Sink::Line> lines);
    void keep(const Sink::Line& line);
    void take_next();
    void wake_thread();
    void run(State& state);
    void write_waiting(State& state, std::string_view bytes);

    std::unique_ptr<const Destination> destination_;
    State* state_;
};

// The process's writer to the syslog socket at `path`, or to standard error if it is empty.
Writer& writer_to(const std::string& path);

}  // namespace sqlgrey::log
