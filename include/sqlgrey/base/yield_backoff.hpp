// When a thread that serves many is to let the others run first.
#pragma once

#include <chrono>

namespace sqlgrey::base {

// Whoever serves a crowd gets more done at once if those who are about to ask, and the database that answers
// somebody else, run first: where the processors are busy, giving way before looking round makes batches
// larger and each request cheaper; where they are not, it takes no time. But beside a program that computes
// and never waits, giving way costs a whole slice of the scheduler (sched(7)), 3 ms and more, and brings
// nobody. So long a pause is followed by a time without giving way, fifty times as long as the pause.
//
// A value that knows no clock and gives no way by itself. One thread at a time.
class YieldBackoff {
  public:
    using Instant = std::chrono::steady_clock::time_point;

    bool due(Instant now) const { return now >= not_before_; }
    // Way was given, from then until then.
    void yielded(Instant from, Instant until) {
        if (until - from >= long_yield) not_before_ = until + cost_factor * (until - from);
    }

  private:
    // Those who ask and the database are through within a millisecond or so, and wait again.
    static constexpr std::chrono::milliseconds long_yield{2};
    static constexpr int cost_factor = 50;

    Instant not_before_{};
};

}  // namespace sqlgrey::base
