// Connections that workers of an old generation have handed over, on their way to a worker of the current
// one.
//
// The master keeps few: while it is full nothing more is taken from the old workers' channels, and those keep
// theirs. What a worker says of a connection goes along unread.
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
    void add(base::Message connection) { waiting_.push_back(std::move(connection)); }
    // Passes those that can be passed now, in the order in which they came.
    void pass_on(Instant now, const Pass& pass);
    // When to try again, while any could not be passed.
    std::optional<Instant> next_moment() const;
    // Closes those that wait.
    void close() { waiting_.clear(); }

  private:
    std::deque<base::Message> waiting_;
    Instant tried_{};
};

}  // namespace sqlgrey::process
