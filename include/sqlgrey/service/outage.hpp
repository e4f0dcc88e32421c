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
    std::array<Cell, 256> cells;           // more than two generations of workers
    std::atomic<long long> since{0};       // seconds since 1970; 0: no outage
    std::atomic<long long> answered{0};    // requests that got the failure policy's answer
    std::atomic<bool> frozen{false};       // a worker has waited in vain: the others need not
    std::atomic<unsigned> freezes{0};      // so often has a worker waited in vain
    std::atomic<bool> unwritten{false};    // a write has failed: only a write proves that it is over
    std::atomic<long long> mails_from{0};  // see MailBucket
};

// A worker's view of the board. May be used from both its threads at once.
class Outage {
  public:
    explicit Outage(OutageBoard& board);

    // How this worker has lost the database: its connection failed; it waited in vain; a write failed, most
    // often because the disk is full, which a new connection does not show.
    enum class How { lost, frozen, unwritten };
    // True for the first of all workers that notices.
    bool begins(base::Time now, How how);
    // A worker has waited in vain, and none has had the database back since.
    bool frozen() const { return board_.frozen; }
    // So often has a worker waited in vain. One whose connection is older than the last time and waits in
    // vain too has met the same outage, not a new one.
    unsigned freezes() const { return board_.freezes; }
    // So many requests were answered without it.
    void answered_without(long long requests) { board_.answered += requests; }

    struct Over {
        base::Seconds lasted;
        long long answered;
    };
    // This worker has a connection again. Gives the summary to the last one that was without, unless the
    // outage began with a write: then to the first whose write succeeds.
    std::optional<Over> ends(base::Time now);
    std::optional<Over> wrote(base::Time now);

  private:
    bool anyone_away() const;

    OutageBoard& board_;
    OutageBoard::Cell& cell_;
};

}  // namespace sqlgrey::service
