// Whether a thread that serves many clients should yield the CPU before it waits for their next requests.
#pragma once

#include <chrono>

namespace sqlgrey::base {

// Yielding before epoll_wait(2) lets clients, and the database that answers another worker, run first: they
// queue more requests, batches grow, and each request costs less. On an idle CPU a yield takes no time.
// Measured when it was added (requests a second with and without, known senders, 100 connections,
// interleaved): PostgreSQL 1.29, SQLite 1.20, MariaDB 1.12 times; new senders and mixed 1.01 to 1.12.
//
// If another program computes without waiting, a yield costs a time slice of the scheduler (sched(7)), 3 ms
// or more: with four such programs, 5 connections fell to a twentieth of their rate. So after a yield of 2 ms
// or more, no yield for 50 times as long. That limits the loss to a fiftieth; with compilers running, no
// difference could be measured.
//
// A value without a clock; it does not yield itself. Not thread-safe.
class YieldBackoff {
  public:
    using Instant = std::chrono::steady_clock::time_point;

    bool due(Instant now) const { return now >= not_before_; }
    // The thread yielded at `from` and ran again at `until`.
    void yielded(Instant from, Instant until) {
        if (until - from >= long_yield) not_before_ = until + cost_factor * (until - from);
    }

  private:
    // Clients and the database need about a millisecond before they wait again.
    static constexpr std::chrono::milliseconds long_yield{2};
    static constexpr int cost_factor = 50;

    Instant not_before_{};
};

}  // namespace sqlgrey::base
