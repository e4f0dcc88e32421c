// The page /metrics: all that is counted, under the names that dashboards and alerts know.
#pragma once

#include "sqlgrey/metrics/counters.hpp"
#include "sqlgrey/metrics/exposition.hpp"

#include <string>
#include <string_view>

namespace sqlgrey::metrics {

// What is known of the daemon and is no count.
struct State {
    std::string_view version;
    bool database_is_up = true;     // no worker is without it
    bool serves_without_it = true;  // on_db_failure = pass
};

// About 250 lines. No label has a value that comes from outside, so the number of lines is the same whatever
// mail there is. Reads counters that others write meanwhile: each is right for itself.
std::string page(const Counters& counters, const State& state, Format format);

// The number of workers that live; two for each slot while a new generation takes over.
std::int64_t living_workers(const Counters& counters);

}  // namespace sqlgrey::metrics
