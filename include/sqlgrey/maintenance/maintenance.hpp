// The maintenance child's work: expired rows are deleted in small slices with pauses, never on the path of a
// request. Where there is no such child (--stdio) a process does one check at its end.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/log/logger.hpp"

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

// Waits that long, or less; false: it is time to stop.
using Pause = std::function<bool(base::Milliseconds)>;
// Opens the tables for cleaning. Throws greylist::StoreFailure.
using Open = std::function<std::unique_ptr<greylist::Cleaning>()>;

// One check: if cleaning is due and this process wins the election among all that share the database, all
// expired rows are deleted, organisations counted by those of their clients, and the `spam` and `perf` lines
// are logged. Throws greylist::StoreFailure.
void clean_if_due(greylist::Cleaning& cleaning, const Ages& ages, const log::Logger& logger,
                  const Pause& pause);

// Keeps the tables open from check to check. Used by one thread; the logger must outlive it.
class Cleaner {
  public:
    Cleaner(Open open, const Ages& ages, const log::Logger& logger)
        : open_(std::move(open)), ages_(ages), logger_(logger) {}

    // Opens the tables if they are not open, and cleans if that is due. False if the database failed; that
    // is logged as verbose, because the workers report it, but an error with which the database refuses the
    // cleaning (greylist::StoreError) shows here only, and is logged as an error, once. Never throws
    // StoreFailure.
    bool check(const Pause& pause);

    // Checks every 10 s, or every Ages::cleaning_period if that is less, until `pause` gives false.
    void run(const Pause& pause);

  private:
    void log_failure(const greylist::StoreFailure& error);

    Open open_;
    Ages ages_;
    const log::Logger& logger_;
    std::unique_ptr<greylist::Cleaning> tables_;
    std::string reported_;  // the error that was logged last
};

}  // namespace sqlgrey::maintenance
