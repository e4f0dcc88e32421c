// One outage of the database, however many workers notice it: told once when it begins, once when
// it is over. The board lives in memory that the master shares with all workers.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <array>
#include <atomic>
#include <optional>

namespace sqlgrey::service {

struct OutageBoard {
    struct Cell {
        std::atomic<int> pid{0};  // of the worker whose cell it is; a dead worker's cell is free
        std::atomic<bool> away{false};
    };
    std::array<Cell, 256> cells;         // more than two generations of workers
    std::atomic<long long> since{0};     // seconds since 1970; 0: no outage
    std::atomic<long long> answered{0};  // requests that got the failure policy's answer
};

// A worker's view of the board. May be used from both its threads at once.
class Outage {
  public:
    explicit Outage(OutageBoard& board);

    // This worker has lost the database. True for the first of all workers that notices.
    bool begins(base::Time now);
    // So many requests were answered without it.
    void answered_without(long long requests) { board_.answered += requests; }

    struct Over {
        base::Seconds lasted;
        long long answered;
    };
    // This worker has the database back. Gives the summary to the last one that was without it.
    std::optional<Over> ends(base::Time now);

  private:
    bool anyone_away() const;

    OutageBoard& board_;
    OutageBoard::Cell& cell_;
};

}  // namespace sqlgrey::service
