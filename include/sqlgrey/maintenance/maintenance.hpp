// The work of the maintenance child: deletes expired rows in small slices with pauses, never while a request
// waits. Without such a child (--stdio), each process does one check before it exits.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/maintenance/counters.hpp"

#include <functional>
#include <memory>
#include <string>

namespace sqlgrey::maintenance {

struct Ages {
    base::Seconds cleaning_period{1800};
    base::Seconds awl_age{};
    base::Seconds max_connect_age{};
    long long pool_crowd = 20;
};

// Waits for at most that long; false: time to stop.
using Pause = std::function<bool(base::Milliseconds)>;
// Opens the tables for cleaning. Throws greylist::StoreFailure.
using Open = std::function<std::unique_ptr<greylist::Cleaning>()>;

// If cleaning is due and this process wins the election among all that share the database: deletes all
// expired rows, counts them and those of each organisation, and logs the `spam` and `perf` lines. Throws
// greylist::StoreFailure.
void clean_if_due(greylist::Cleaning& cleaning, const Ages& ages, Counters& counters,
                  const log::Logger& logger, const Pause& pause);

// Keeps the tables open between checks. Not thread-safe; counters and logger must outlive it.
class Cleaner {
  public:
    Cleaner(Open open, const Ages& ages, Counters& counters, const log::Logger& logger)
        : open_(std::move(open)), ages_(ages), counters_(counters), logger_(logger) {}

    // Opens the tables if necessary, and cleans if that is due. False if the database failed; that is logged
    // as verbose only, because the workers report it. A failure that only cleaning meets
    // (greylist::StoreError) is logged as an error, once. Never throws StoreFailure.
    bool check(const Pause& pause);

    // Checks every 10 s, or every Ages::cleaning_period if that is shorter, until `pause` returns false.
    // Calls `checked` after each check, with what it returned.
    void run(
        const Pause& pause, const std::function<void(bool)>& checked = [](bool) {});

  private:
    void log_failure(const greylist::StoreFailure& error);

    Open open_;
    Ages ages_;
    Counters& counters_;
    const log::Logger& logger_;
    std::unique_ptr<greylist::Cleaning> tables_;
    std::string reported_;  // the error that was logged last
};

}  // namespace sqlgrey::maintenance
