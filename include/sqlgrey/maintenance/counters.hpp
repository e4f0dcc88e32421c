// What cleaning counts, in memory that outlives the process that cleans.
#pragma once

#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/greylist/store.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace sqlgrey::maintenance {

// The tables whose rows expire, in the order of greylist::AwlTable, and connect.
inline constexpr std::array<std::string_view, 9> cleaned_tables{
    "from_awl", "domain_awl", "client_awl", "pool", "expectation", "fact", "spf_network", "lists", "connect"};
static_assert(static_cast<std::size_t>(greylist::AwlTable::lists) + 2 == cleaned_tables.size());

// One writer. Of several daemons on a database only the one that cleans counts what expires.
struct alignas(base::cache_line) Counters {
    std::array<base::Counter, cleaned_tables.size()> expired;  // rows
    base::Counter never_retried;  // first attempts, each a `spam` line of the log
    base::Gauge cleaned_at;       // seconds since 1970, when a cleaning by this daemon ended; 0: none yet

    base::Counter& expired_of(greylist::AwlTable table) { return expired[static_cast<std::size_t>(table)]; }
    base::Counter& expired_of_connect() { return expired.back(); }
};

}  // namespace sqlgrey::maintenance
