// Whether DNS answers at all, for the log: one line when it has stopped, and one when it answers again.
#pragma once

#include "sqlgrey/net/dns_answer.hpp"

#include <chrono>
#include <cstddef>

namespace sqlgrey::enrich {

// Fewer questions, or all within a shorter time, may be those of a few domains with dead servers.
inline constexpr std::size_t unanswered_in_a_row = 20;
inline constexpr std::chrono::seconds unanswered_for{10};

// For one thread.
class AnswerWatch {
  public:
    using Clock = std::chrono::steady_clock;
    enum class Change { none, silent, answers };

    // What became of a question. An answer is one of any kind but a timeout and a failure; servers that reach
    // nobody say that they have failed.
    Change note(net::AnswerKind kind, Clock::time_point now);

  private:
    bool is_silent_ = false;
    std::size_t unanswered_ = 0;  // in a row
    Clock::time_point since_{};   // the first of these
};

}  // namespace sqlgrey::enrich
