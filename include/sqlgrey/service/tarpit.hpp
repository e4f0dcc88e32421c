// The places of the tarpit: how many clients all workers together may let wait at once. Each costs Postfix a
// process, of which it has 100 by default (default_process_limit).
#pragma once

#include "sqlgrey/base/time.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sqlgrey::service {

inline constexpr std::size_t most_tarpit_clients = 1000;

// In the shared memory of master and workers. Starts as all zeros: all places are free.
struct SharedTarpit {
    std::array<std::atomic<std::int64_t>, most_tarpit_clients> free_from;  // seconds since 1970
    static_assert(std::atomic<std::int64_t>::is_always_lock_free, "a lock would not work between processes");
};

// A worker's view of it. Any thread.
class Tarpit {
  public:
    // `places`: at most most_tarpit_clients.
    Tarpit(SharedTarpit& shared, std::size_t places) : shared_(shared), places_(places) {}

    // Takes a place until now + sleep, when it becomes free by itself. False if none is free. Of two workers
    // that want the last place one gets it. A place that is taken for longer than `sleep` counts as free: the
    // clock was set back, or `tarpit` was longer before a reload.
    bool take(base::Time now, base::Seconds sleep);

    // How many places are taken.
    static std::size_t taken(const SharedTarpit& shared, base::Time now);

  private:
    SharedTarpit& shared_;
    std::size_t places_;
};

}  // namespace sqlgrey::service
