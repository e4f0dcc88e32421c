// Whether a thread that serves many clients should yield the CPU before it waits for their next requests.
#pragma once

#include <chrono>

namespace sqlgrey::base {

// Yielding the CPU before epoll_wait(2) lets clients, and the database that answers another worker, run
// first: they queue more requests, batches grow, and each request costs less. With an idle CPU a yield takes
// no time. Requests a second with and without it when it was added, known senders, 100 connections,
// interleaved: PostgreSQL 1.29, SQLite 1.20, MariaDB 1.12 times; new senders and mixed 1.01 to 1.12.
//
// Beside a program that computes and never waits, a yield costs a whole time slice of the scheduler
// (sched(7)), 3 ms and more: without the pause below, 5 connections beside four such programs fell to a
// twentieth. So after a yield of 2 ms or more none is due for 50 times as long; it costs at most a fiftieth
// of the time then, and beside compilers no difference could be measured.
//
// A value without a clock of its own; it does not yield by itself. One thread at a time.
class YieldBackoff {
  public:
    using Instant = std::chrono::steady_clock::time_point;

    bool due(Instant now) const { return now >= not_before_; }
    // The thread has yielded, and ran again at `until`.
    void yielded(Instant from, Instant until) {
        if (until - from >= long_yield) not_before_ = until + cost_factor * (until - from);
    }

  private:
    // Clients and the database need about a millisecond until they wait again.
    static constexpr std::chrono::milliseconds long_yield{2};
    static constexpr int cost_factor = 50;

    Instant not_before_{};
};

}  // namespace sqlgrey::base
