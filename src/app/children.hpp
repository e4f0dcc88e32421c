// What the children of the master do: serve requests, delete expired rows, show metrics.
#pragma once

#include "generation.hpp"
#include "metrics.hpp"
#include "sqlgrey/maintenance/maintenance.hpp"
#include "sqlgrey/metrics/counters.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/service/service.hpp"
#include "sqlgrey/service/shared_outage.hpp"

namespace sqlgrey::app {

// Shared memory of the master and all children. Starts as zeros; everything in it is atomic. The counters of
// a slot continue when its child is replaced and after a reload.
struct SharedState {
    service::SharedOutage outage;
    store::SqliteFileRecord sqlite_file;
    metrics::Counters counters;
};

// The object that deletes expired rows. Both arguments must outlive it.
maintenance::Cleaner cleaner_of(const Generation& generation, SharedState& shared);

// Runs a worker, which tells of unknown clients if `tell` is not empty; returns its exit status.
int serve_requests(process::ChildContext& child, const Generation& generation, SharedState& shared,
                   service::TellOfStrangers tell = {});

// The roles of one generation. `shared` must outlive them.
process::Plan plan_of(const std::shared_ptr<const Generation>& generation, SharedState& shared,
                      const MetricsListeners& metrics_listeners);

}  // namespace sqlgrey::app
