// A worker's counters of decisions and of the database, in shared memory that outlives the worker.
#pragma once

#include "sqlgrey/base/histogram.hpp"
#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/greylist/outcome.hpp"
#include "sqlgrey/greylist/store.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sqlgrey::service {

// Why a visit or the opening of a session failed. The first five are greylist::StoreError::Fault.
enum class DatabaseFailure { access, schema, damaged, full, statement, unavailable, timeout };
inline constexpr std::array<std::string_view, 7> database_failure_names{
    "access", "schema", "damaged", "full", "statement", "unavailable", "timeout"};
DatabaseFailure database_failure(greylist::StoreError::Fault fault);

// Why a client counted as one of an organisation: its verified name, a server of the organisation that was
// seen in its network, or that the letter came back from enough other networks (pool_unproven_retries).
enum class PoolEvidence { name, network, retries };
inline constexpr std::array<std::string_view, 3> pool_evidence_names{"name", "network", "retries"};

// Written by one worker, whose two threads rarely add at the same time; by two workers during a reload.
struct alignas(base::cache_line) Counters {
    using Microseconds = base::Histogram<std::array<std::uint64_t, 12>{
        100, 200, 500, 1'000, 2'000, 5'000, 10'000, 50'000, 100'000, 500'000, 1'000'000, 5'000'000}>;
    // Seconds from the first attempt to the retry that passed. Fine around the usual reconnect_delay (5 min)
    // and retry intervals of senders, so that medians in minutes can be told.
    using Delay = base::Histogram<std::array<std::uint64_t, 24>{
        60,   90,   120,  180,  240,  300,  360,  420,   480,   600,   720,   900,
        1200, 1500, 1800, 2400, 3600, 5400, 7200, 10800, 14400, 21600, 43200, 86400}>;

    // By greylist::Verdict, counted where the log line is written. A batch that is late is counted twice if
    // it is decided after all: as answered without the database, and by its verdicts, as in the log.
    std::array<base::Counter, greylist::verdict_count> decisions;
    std::array<base::Counter, lists::all_list_names.size()>
        list_hits;  // entries that decided or forbade auto-whitelisting
    Delay delay;
    Microseconds look_up, write;  // duration of visits
    std::array<base::Counter, database_failure_names.size()> database_failures;
    std::array<base::Counter, pool_evidence_names.size()> pool_joins;  // requests
    base::Counter passed_by_policy, deferred_by_policy;                // requests answered by on_db_failure

    base::Counter tarpit_slept, tarpit_full;  // clients that were to wait in the tarpit: did, found no place

    base::Counter& of(greylist::Verdict verdict) { return decisions[static_cast<std::size_t>(verdict)]; }
    base::Counter& of(DatabaseFailure failure) {
        return database_failures[static_cast<std::size_t>(failure)];
    }
};

}  // namespace sqlgrey::service
