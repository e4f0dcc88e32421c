// Connections handed over by workers of an old generation, on their way to a worker of the current one.
//
// Bounded: while it is full, the master reads no more from the old workers' channels, and these keep their
// connections. The text of a connection is passed along unread.
#pragma once

#include "sqlgrey/base/fd_passing.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <optional>

namespace sqlgrey::process {

using Instant = std::chrono::steady_clock::time_point;

class HandoverQueue {
  public:
    using Pass = std::function<bool(const base::Message& connection)>;

    bool full() const;
    bool empty() const { return waiting_.empty(); }
    void add(base::Message connection) { waiting_.push_back(std::move(connection)); }
    // Passes as many as possible, in order of arrival.
    void pass_on(Instant now, const Pass& pass);
    // When to try again, if any could not be passed.
    std::optional<Instant> next_moment() const;
    // Closes those that wait.
    void close() { waiting_.clear(); }

  private:
    std::deque<base::Message> waiting_;
    Instant tried_{};
};

}  // namespace sqlgrey::process
