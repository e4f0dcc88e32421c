// The one way of a process to a destination of its log; it never waits for the reader of the log.
//
// What can be written without waiting is written by the caller. Anything else (a pipe, a terminal, a socket
// that is full, a syslog daemon that is gone) waits in a queue of at most 1 MB, which a thread of the
// process's own writes. When the queue is full the oldest lines are dropped; they are counted, and a line
// tells of them as soon as lines get through again. Lines stay whole and in order. What a thread is writing
// at that moment is never dropped.
#pragma once

#include "destination.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/log/logger.hpp"

#include <memory>
#include <span>
#include <string>

namespace sqlgrey::log {

// How a line becomes the bytes that are written.
class Format {
  public:
    virtual ~Format() = default;
    virtual void append(std::string& bytes, int level, std::string_view line) const = 0;
};

// Callable from several threads at once.
class Writer {
  public:
    explicit Writer(std::unique_ptr<const Destination> destination);
    // Lives as long as its process: its thread may be in the middle of a write.
    ~Writer() = delete;

    void write(const std::shared_ptr<const Format>& format, std::span<const Sink::Line> lines) noexcept;
    // Waits that long at most until nothing is queued.
    void finish(base::Milliseconds limit);
    // In a child, right after fork(2): what is queued is the parent's to write, and so is its thread.
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

// The process's writer to standard error (no path) or to the syslog socket at that path.
Writer& writer_to(const std::string& path);

}  // namespace sqlgrey::log
