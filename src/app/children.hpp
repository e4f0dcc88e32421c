// What the children of the master do: serve requests, delete expired rows, show metrics.
#pragma once

#include "generation.hpp"
#include "metrics.hpp"
#include "sqlgrey/maintenance/maintenance.hpp"
#include "sqlgrey/metrics/counters.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/service/shared_outage.hpp"

namespace sqlgrey::app {

// What all children share, in memory that the master allocates. It begins as zeros, and all of it is atomic.
// The counters of a slot continue when its child is replaced, and after a reload.
struct SharedState {
    service::SharedOutage outage;
    store::SqliteFileRecord sqlite_file;
    metrics::Counters counters;
};

// Deletes expired rows. Both arguments must outlive it.
maintenance::Cleaner cleaner_of(const Generation& generation, SharedState& shared);

// The work of a worker; returns its exit status.
int serve_requests(process::ChildContext& child, const Generation& generation, SharedState& shared);

// The roles of one generation.
process::Plan plan_of(const std::shared_ptr<const Generation>& generation, SharedState& shared,
                      const MetricsListeners& metrics_listeners);

}  // namespace sqlgrey::app
