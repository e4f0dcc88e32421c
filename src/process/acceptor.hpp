// Accepts connections from the listening sockets and passes them on. Never blocks.
//
// If no child can take a connection, it is kept and no other is accepted until it is passed: the rest wait in
// the kernel's backlog and are not lost.
#pragma once

#include "sqlgrey/base/fd_passing.hpp"
#include "sqlgrey/process/master.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace sqlgrey::process {

using Instant = std::chrono::steady_clock::time_point;

class Acceptor {
  public:
    using Pass = std::function<bool(const base::Message& connection)>;

    // `report` is called with the error when descriptors or memory have run out, at most once a minute.
    Acceptor(std::vector<Listening> listeners, std::function<void(int error)> report);

    // The listening sockets to watch; none during a pause.
    std::vector<int> to_watch(Instant now) const;
    // Accepts and passes a bounded number. Pauses for 20 ms if no child can take one, and for 200 ms if
    // descriptors or memory have run out (logged at most once a minute).
    void take(Instant now, const Pass& pass);
    // The end of the current pause, if there is one.
    std::optional<Instant> next_moment(Instant now) const;
    bool holds_one() const { return static_cast<bool>(in_hand_.fd); }
    // A connection that was accepted and not passed.
    base::Message take_in_hand() { return std::exchange(in_hand_, {}); }
    void close();

  private:
    bool pass_in_hand(Instant now, const Pass& pass);
    void take_from(const Listening& listener, Instant now, const Pass& pass);
    void out_of_resources(int error, Instant now);

    std::vector<Listening> listeners_;
    std::function<void(int error)> report_;
    base::Message in_hand_;
    Instant pause_end_{};
    std::optional<Instant> failure_logged_;
};

}  // namespace sqlgrey::process
