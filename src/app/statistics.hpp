// Daily statistics, written by the maintenance child.
#pragma once

#include "generation.hpp"
#include "sqlgrey/metrics/counters.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/service/shared_outage.hpp"

#include <chrono>
#include <string>

namespace sqlgrey::app {

// Writes what the daemon has counted into the tables daily and daily_delay, and deletes rows older than
// stats_age once a day. A failure is logged and stops nothing: the counts are kept and written later. All
// arguments must outlive it.
class Statistics {
  public:
    Statistics(const Generation& generation, metrics::Counters& counters,
               const service::SharedOutage& outage);

    // Begins a day if the date has changed, and writes if stats_interval has passed or a day has begun.
    void check();
    // At the end of the maintenance child. If the daemon stops, waits until its workers have ended, then
    // writes.
    void finish(const process::ChildContext& child);

  private:
    bool is_wanted() const { return generation_.settings.stats_interval.count() > 0; }
    bool is_writer() const;
    void write(base::Milliseconds limit);
    void log_failure(const greylist::StoreFailure& error);

    const Generation& generation_;
    metrics::Counters& counters_;
    const service::SharedOutage& outage_;
    const std::string host_;
    std::chrono::steady_clock::time_point due_{};  // at once: a missing right shows at the start
    std::chrono::sys_days cleaned_{};              // the day on which old rows were deleted
    std::string reported_;                         // the error that was logged last
};

}  // namespace sqlgrey::app
