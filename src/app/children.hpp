// The work of the children of the master: serving requests, and maintenance.
#pragma once

#include "generation.hpp"
#include "sqlgrey/maintenance/maintenance.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/server/worker.hpp"
#include "sqlgrey/service/shared_outage.hpp"

#include <array>

namespace sqlgrey::app {

// More than `workers` may ask for (64), or most machines have cores. Workers beyond it share the last slot.
inline constexpr std::size_t worker_slots = 256;

// The state that all children share, in memory that the master has made. Zero at the beginning; all of it is
// atomic. The counters of a slot go on when its child is replaced, and at a reload.
struct SharedState {
    service::SharedOutage outage;
    store::SqliteFileRecord sqlite_file;
    std::array<process::SlotCounters, worker_slots> workers;
    std::array<process::SlotCounters, 1> maintenance;
    std::array<server::WorkerCounters, worker_slots> requests;
};

// Opens the tables for cleaning: without the replicas, which cleaning never asks. Makes or takes over the
// tables if need be, and logs that.
maintenance::Open cleaning_of(const Generation& generation, SharedState& shared);
maintenance::Ages ages_of(const config::Settings& settings);

// A worker's life, from its first request to its exit status.
int serve_requests(process::ChildContext& child, const Generation& generation, SharedState& shared);

// The plan of one generation.
process::Plan plan_of(std::shared_ptr<const Generation> generation, SharedState& shared);

}  // namespace sqlgrey::app
