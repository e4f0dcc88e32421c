// What the children of the master do: serve requests, and delete expired rows.
#pragma once

#include "generation.hpp"
#include "sqlgrey/maintenance/maintenance.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/server/worker.hpp"
#include "sqlgrey/service/shared_outage.hpp"

#include <array>

namespace sqlgrey::app {

// More than the setting `workers` allows (64), and more than most machines have processors. Workers beyond it
// share the counters of the last slot.
inline constexpr std::size_t worker_slots = 256;

// What all children share, in memory that the master allocates. It begins as zeros, and all of it is atomic.
// The counters of a slot continue when its child is replaced, and after a reload.
struct SharedState {
    service::SharedOutage outage;
    store::SqliteFileRecord sqlite_file;
    std::array<process::SlotCounters, worker_slots> workers;
    std::array<process::SlotCounters, 1> maintenance;
    std::array<server::WorkerCounters, worker_slots> requests;
};

// Deletes expired rows. Both arguments must outlive it.
maintenance::Cleaner cleaner_of(const Generation& generation, SharedState& shared);

// The work of a worker; returns its exit status.
int serve_requests(process::ChildContext& child, const Generation& generation, SharedState& shared);

// The roles of one generation.
process::Plan plan_of(const std::shared_ptr<const Generation>& generation, SharedState& shared);

}  // namespace sqlgrey::app
