// One outage of the database, however many workers notice it: logged once when it begins and once when it is
// over. SharedOutage lives in memory that the master shares with all workers; each worker writes its own slot
// only.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sqlgrey::service {

// All of it zero at the beginning. The atomics are lock-free.
struct SharedOutage {
    struct Slot {
        std::atomic<int> owner{0};  // pid of the worker whose slot it is
        std::atomic<bool> away{false};
    };
    // By the number of the worker. More workers share the last one; an outage may then be logged once too
    // often.
    std::array<Slot, 256> slots;
    std::atomic<std::int64_t> since{0};     // seconds since 1970; 0: no outage
    std::atomic<std::int64_t> answered{0};  // requests that got the failure policy's answer
    std::atomic<bool> stalled{false};       // a visit took longer than db_timeout: other workers need not try
    std::atomic<unsigned> stalls{0};        // how often that has happened
    std::atomic<bool> write_failed{false};  // only a write proves that the outage is over
    std::atomic<std::int64_t> error_logged{0};  // when a StoreError was logged last; 0: not in this outage
    std::atomic<std::int64_t> locked{0};        // requests without a decision because of locks, and
    std::atomic<std::int64_t> locks_logged{0};  // when those before them were logged
    std::atomic<std::int64_t> alert_tokens{0};  // see AlertRateLimit
};

// A worker's view of it. May be used from both its threads at once.
class Outage {
  public:
    // Takes the slot over from the worker that had this number before.
    Outage(SharedOutage& shared, std::size_t slot);

    // How this worker lost the database: its connection failed or cannot be opened; a visit took longer than
    // db_timeout; a write failed, most often because the disk is full, which a new connection does not show.
    enum class Cause { lost, stalled, write_failed };
    // True for the first of all workers that notices.
    bool begins(base::Time now, Cause cause);
    // A visit took too long, and no worker has opened a session since.
    bool stalled() const { return shared_.stalled; }
    // How often a visit took too long. If a session was opened before the last time and then takes too long
    // as well, that is the same outage and no new one.
    unsigned stalls() const { return shared_.stalls; }
    // Counts requests that the failure policy answered.
    void answered_without(std::int64_t requests) { shared_.answered += requests; }

    // True if an error is to be logged: the first of this outage, and then once an hour.
    bool error_is_due(base::Time now);
    // Counts requests without a decision because other programs hold locks. Gives how many since this was
    // told last, at most once a minute.
    std::optional<std::int64_t> locked(std::int64_t requests, base::Time now);

    struct Over {
        base::Seconds lasted;
        std::int64_t answered;
    };
    // This worker has a session again. Gives the summary to the last one that was without, unless a write
    // had failed: then to the first whose write succeeds.
    std::optional<Over> opened(base::Time now);
    std::optional<Over> wrote(base::Time now);

  private:
    void set_away(bool away);
    bool anyone_away() const;

    SharedOutage& shared_;
    SharedOutage::Slot& slot_;
};

// The slots from this number on have no worker any more: what their last ones left there no longer counts.
void forget_slots_from(SharedOutage& shared, std::size_t workers);

}  // namespace sqlgrey::service
