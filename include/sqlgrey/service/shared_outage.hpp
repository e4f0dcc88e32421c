// Makes one outage of what all workers notice: logged once at its beginning and once at its end. SharedOutage
// is in the shared memory of master and workers; each worker writes only its own slot.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sqlgrey::service {

// Starts as all zeros. All atomics are lock-free.
struct SharedOutage {
    struct Slot {
        std::atomic<int> owner{0};      // pid of the worker
        std::atomic<bool> away{false};  // the worker is without the database
    };
    // By worker number. Workers beyond the last share it, and may log an outage once too often.
    std::array<Slot, 256> slots;
    std::atomic<std::int64_t> since{0};     // seconds since 1970; 0: no outage
    std::atomic<std::int64_t> answered{0};  // requests answered by the failure policy
    std::atomic<bool> stalled{false};       // a visit took longer than db_timeout; other workers need not try
    std::atomic<unsigned> stalls{0};        // how often that has happened
    std::atomic<bool> write_failed{false};  // only a successful write ends the outage
    std::atomic<std::int64_t> error_logged{0};  // when a StoreError was last logged; 0: not in this outage
    std::atomic<std::int64_t> locked{0};        // requests undecided because of locks, not yet logged
    std::atomic<std::int64_t> locks_logged{0};  // when such requests were last logged
    std::atomic<std::int64_t> alert_tokens{0};  // see AlertRateLimit
};

// A worker's view of the shared outage. May be used by both its threads at once.
class Outage {
  public:
    // Takes over the slot of the previous worker with this number.
    Outage(SharedOutage& shared, std::size_t slot);

    // How this worker lost the database: its session failed or cannot be opened; a visit took longer than
    // db_timeout; a write failed, usually because of a full disk, which a new session does not reveal.
    enum class Cause { lost, stalled, write_failed };
    // True for the first of all workers to notice.
    bool begins(base::Time now, Cause cause);
    // True if a visit took too long and no worker has opened a session since.
    bool stalled() const { return shared_.stalled; }
    // How often a visit took too long. A session opened before the latest such visit belongs to the same
    // outage if it takes too long as well.
    unsigned stalls() const { return shared_.stalls; }
    // Counts requests that the failure policy answered.
    void answered_without(std::int64_t requests) { shared_.answered += requests; }

    // True if an error is to be logged: the first of an outage, then once an hour.
    bool error_is_due(base::Time now);
    // Counts requests undecided because another transaction holds locks. Returns, at most once a minute, how
    // many there were since the last report.
    std::optional<std::int64_t> locked(std::int64_t requests, base::Time now);

    struct Over {
        base::Seconds lasted;
        std::int64_t answered;
    };
    // This worker has a session again, or has written. Returns the summary once for all workers: to the last
    // one that opens a session, or after a failed write to the first whose write succeeds.
    std::optional<Over> opened(base::Time now);
    std::optional<Over> wrote(base::Time now);

  private:
    void set_away(bool away);
    bool anyone_away() const;

    SharedOutage& shared_;
    SharedOutage::Slot& slot_;
};

// Clears the slots from this number on, which have no workers any more.
void forget_slots_from(SharedOutage& shared, std::size_t workers);

}  // namespace sqlgrey::service
