// What the resolver child counts and must not forget when it is replaced, in shared memory.
#pragma once

#include "sqlgrey/base/histogram.hpp"
#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/enrich/dns_list.hpp"
#include "sqlgrey/spf/evaluate.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sqlgrey::enrich {

// Answers of lists, in the order of ListAnswer::Kind.
inline constexpr std::array<std::string_view, 4> list_results{"listed", "not_listed", "failed", "refused"};

// In milliseconds: what a resolver on the host, one of the network, or a slow list takes.
inline constexpr std::array<std::uint64_t, 9> stored_bounds{10, 25, 50, 100, 250, 500, 1000, 2500, 10'000};

inline constexpr base::Seconds list_pause{3600};  // of a list that refuses

// What is known of a DNS list. One writer (two for a moment of a reload).
struct alignas(base::cache_line) ListState {
    std::atomic<std::uint64_t> key{0};  // of the source; 0: free
    base::Gauge off_until;              // seconds since 1970 by this host's clock; the list is not asked
    base::Gauge doubted_until;          // likewise; facts that it made do not count, for longer if the
                                        // clock is set back: a wrong pass is worse than a wait
    std::array<base::Counter, list_results.size()> answers;

    // Not if the clock was set back: then it would be for longer.
    bool is_off(base::Time now) const {
        const base::Seconds left{off_until.value() - base::epoch(now)};
        return left > base::Seconds{0} && left <= list_pause;
    }
    bool is_doubted(base::Time now) const { return doubted_until.value() > base::epoch(now); }
};

// Starts as zeros.
struct Counters {
    // More than the settings can name. Lists that the settings no longer name keep theirs.
    std::array<ListState, 160> lists;
    base::Counter questions;               // to DNS, all of them
    base::Counter p0f_known, p0f_unknown;  // answers of p0f, also those that it did not give in time
    base::Counter facts;                   // stored
    base::Counter dropped_by_worker;  // strangers that the resolver was not told of, because it did not read
    base::Counter dropped;            // strangers that waited in its queue, which was full
    base::Histogram<stored_bounds> stored;  // from the end of a batch to the facts about a stranger of it
};

// The state of that list, made if there is none. If all are in use, an unused one that others use too.
ListState& state_of(Counters& counters, std::string_view source);
// Null if there is none.
const ListState* find_state(const Counters& counters, std::string_view source);
// Whether facts of this source (greylist::Fact) do not count now. Any process may ask.
bool is_doubted(const Counters& counters, std::string_view source, base::Time now);

}  // namespace sqlgrey::enrich
