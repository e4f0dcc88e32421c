// The child that shows the metrics, and the number of rows in the tables.
#pragma once

#include "generation.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/lists/live_lists.hpp"
#include "sqlgrey/metrics/counters.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/service/shared_outage.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace sqlgrey::app {

// The sockets of metrics_listen, opened before privileges are dropped, or those of the daemon before; empty
// if it is not set. All generations use the same.
using MetricsListeners = std::shared_ptr<const std::vector<base::unique_fd>>;
MetricsListeners open_metrics_listeners(const config::Settings& settings,
                                        std::vector<base::unique_fd> of_before);

// Runs the metrics child; returns its exit status.
int show_metrics(process::ChildContext& child, const Generation& generation,
                 const metrics::Counters& counters, const service::SharedOutage& outage,
                 const MetricsListeners& listeners);

// Counts the entries of lists. `counts` must outlive it.
lists::OnPublish counting_lists(const std::string& conf_dir, metrics::ListCounts& counts);

// Counts the rows of the tables over its own session: for ten million rows this takes seconds.
class RowCounter {
  public:
    RowCounter(const Generation& generation, metrics::Counters& counters);
    // With metrics_listen counts once in db_cleandelay; for daily statistics once on each day. If the
    // database fails, the last counts stay.
    void count_if_due();

  private:
    bool is_due() const;

    const config::Settings& settings_;
    store::Target target_;
    metrics::Counters& counters_;
    std::int64_t day_ = 0;  // the number of the day on which rows were counted last
    std::chrono::steady_clock::time_point due_{};
};

}  // namespace sqlgrey::app
