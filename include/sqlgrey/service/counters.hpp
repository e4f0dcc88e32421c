// What a worker counts of its decisions and of the database, in memory that outlives it.
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

// Why a visit, or the opening of a session, failed. The first five are those of greylist::StoreError.
enum class DatabaseFailure { access, schema, damaged, full, statement, unavailable, timeout };
inline constexpr std::array<std::string_view, 7> database_failure_names{
    "access", "schema", "damaged", "full", "statement", "unavailable", "timeout"};
DatabaseFailure database_failure(greylist::StoreError::Fault fault);

// One writer: a worker, from its two threads, which do not add at once as a rule; for the moment of a reload
// two workers.
struct alignas(base::cache_line) Counters {
    using Microseconds = base::Histogram<std::array<std::uint64_t, 12>{
        100, 200, 500, 1'000, 2'000, 5'000, 10'000, 50'000, 100'000, 500'000, 1'000'000, 5'000'000}>;
    // Seconds that mail waited which passed as a retry.
    using Delay = base::Histogram<std::array<std::uint64_t, 12>{60, 120, 180, 300, 600, 900, 1800, 3600, 7200,
                                                                14400, 43200, 86400}>;

    // By greylist::Verdict, each where its log line is written. A batch that was answered without the
    // database because it took too long, and is decided after all, counts twice: the second time by what is
    // in the database and in the log.
    std::array<base::Counter, greylist::verdict_count> decisions;
    std::array<base::Counter, lists::all_list_names.size()>
        list_hits;  // an entry decided, or forbade the AWL
    Delay delay;
    Microseconds look_up, write;
    std::array<base::Counter, database_failure_names.size()> database_failures;
    base::Counter passed_by_policy, deferred_by_policy;  // answers of on_db_failure

    base::Counter& of(greylist::Verdict verdict) { return decisions[static_cast<std::size_t>(verdict)]; }
    base::Counter& of(DatabaseFailure failure) {
        return database_failures[static_cast<std::size_t>(failure)];
    }
};

}  // namespace sqlgrey::service
