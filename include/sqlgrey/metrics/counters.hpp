// All that the processes of a daemon count, in memory that they share.
//
// Each module has the struct of what it counts; here they are, one for each slot. A child that is replaced,
// and the children of a new generation, go on in their slots, so no total ever falls. Each counter has one
// writer (two while a worker hands over to its successor), which takes no lock.
#pragma once

#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/maintenance/counters.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/server/worker.hpp"
#include "sqlgrey/service/counters.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace sqlgrey::metrics {

// More than the setting `workers` allows (64), and more than most machines have processors. Workers beyond it
// share the counters of the last slot.
inline constexpr std::size_t worker_slots = 256;

// The tables whose rows are counted now and then.
inline constexpr std::array<std::string_view, 6> counted_tables{"connect",    "from_awl",    "domain_awl",
                                                                "client_awl", "expectation", "lists"};

// Written by the master.
struct alignas(base::cache_line) DaemonCounters {
    base::Gauge started_at,
        reloaded_at;  // seconds since 1970; reloaded_at is started_at until the first reload
    base::Counter reloads, refused_reloads;
};

// Written by the maintenance child.
struct alignas(base::cache_line) RowCounts {
    std::array<base::Gauge, counted_tables.size()> rows;
    base::Gauge counted_at;  // seconds since 1970; 0: never
};

// It begins as zeros.
struct Counters {
    DaemonCounters daemon;
    std::array<process::SlotCounters, worker_slots> workers;
    std::array<process::SlotCounters, 1> maintenance, metrics;  // the children of these roles
    std::array<server::WorkerCounters, worker_slots> requests;  // by the slot of a worker, as the next
    std::array<service::Counters, worker_slots> decisions;
    maintenance::Counters cleaning;
    RowCounts rows;
};

}  // namespace sqlgrey::metrics
