// The child that shows the metrics, and the counts that no other child makes.
#pragma once

#include "generation.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/metrics/counters.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/service/shared_outage.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace sqlgrey::app {

// Of metrics_listen, opened before privileges were dropped; empty: it is not set. Kept for all generations.
using MetricsListeners = std::shared_ptr<const std::vector<base::unique_fd>>;
MetricsListeners open_metrics_listeners(const config::Settings& settings);

// The work of the child; returns its exit status.
int show_metrics(process::ChildContext& child, const Generation& generation,
                 const metrics::Counters& counters, const service::SharedOutage& outage,
                 const MetricsListeners& listeners);

// Counts the rows of the tables, in a session of its own: in ten million rows that takes a second or several.
class RowCounter {
  public:
    RowCounter(const Generation& generation, metrics::RowCounts& counts);
    // Once in db_cleandelay; in between, and while the database fails, the last counts stay.
    void count_if_due();

  private:
    store::Target target_;
    metrics::RowCounts& counts_;
    base::Seconds period_;
    std::chrono::steady_clock::time_point due_{};
};

}  // namespace sqlgrey::app
