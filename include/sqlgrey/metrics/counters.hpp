// All counters of a daemon's processes, in shared memory.
//
// Each module defines the struct of its own counters; here is one of each for every slot. A child that
// replaces another goes on counting in its slot, after a reload too, so no total ever falls. A counter has
// one writer (two while a worker hands over to its successor) and needs no lock.
#pragma once

#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/enrich/counters.hpp"
#include "sqlgrey/maintenance/counters.hpp"
#include "sqlgrey/process/master.hpp"
#include "sqlgrey/server/worker.hpp"
#include "sqlgrey/service/counters.hpp"
#include "sqlgrey/service/tarpit.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace sqlgrey::metrics {

// More than the setting `workers` allows (64) and than most machines have CPUs. Workers beyond it share the
// last slot.
inline constexpr std::size_t worker_slots = 256;

// The tables whose rows are counted.
inline constexpr std::array<std::string_view, 8> counted_tables{
    "connect", "from_awl", "domain_awl", "client_awl", "expectation", "lists", "fact", "spf_network"};

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

// What is in effect; written by worker 0.
struct alignas(base::cache_line) ListCounts {
    std::array<base::Gauge, lists::all_list_names.size()> entries;
    std::array<base::Gauge, lists::all_list_names.size()> changed_at;  // the newest file; 0: there is none
    base::Gauge known;                                                 // 1: these were written
};

// What is counted on each day: decisions by verdict, never_retried and what on_db_failure did
// (greylist::daily_names), and the buckets of the delays.
inline constexpr std::size_t daily_counts = greylist::verdict_count + 3;
inline constexpr std::size_t daily_values = daily_counts + service::Counters::Delay::buckets;

// The totals when the daemon began to count a day. It begins anew with each change of the date, forwards or
// backwards, so nothing is counted twice if the clock is set.
struct DayBegin {
    base::Gauge day;  // days since 1970-01-01
    base::Gauge run;  // greylist::DailyCounts::run
    std::array<base::Gauge, daily_values> totals;
};

// Written by one maintenance child; the master makes the first day before any child is there.
struct alignas(base::cache_line) DailyCounters {
    // More days than an outage of the database lasts. Of a longer one the last day gets all that follows.
    static constexpr std::size_t most_days = 32;
    std::array<DayBegin, most_days> days;  // the one that began as number n is at n % most_days
    base::Gauge begun;                     // number of days that have begun
    base::Gauge written;  // of these, from the first: no longer needed, because the database has them
    base::Gauge writer;   // process id of the newest maintenance child: an older one no longer writes
};

// Starts as zeros.
struct Counters {
    DaemonCounters daemon;
    std::array<process::SlotCounters, worker_slots> workers;
    std::array<process::SlotCounters, 1> maintenance, metrics, resolver;  // roles with one child
    std::array<server::WorkerCounters, worker_slots> requests;            // by worker slot
    std::array<service::Counters, worker_slots> decisions;                // by worker slot
    maintenance::Counters cleaning;
    enrich::Counters enrichment;
    RowCounts rows;
    ListCounts lists;
    DailyCounters daily;
    service::SharedTarpit tarpit;
};

}  // namespace sqlgrey::metrics
