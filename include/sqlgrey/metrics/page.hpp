// The page /metrics: all counters, under the names that dashboards and alerts use.
#pragma once

#include "sqlgrey/metrics/counters.hpp"
#include "sqlgrey/metrics/exposition.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::metrics {

// What the page shows besides counters.
struct State {
    std::string_view version;
    bool database_is_up = true;     // no outage
    bool serves_without_it = true;  // on_db_failure = pass
    base::Time now{};
    // With enrich: the lists that are asked (enrich::source_of()).
    std::optional<std::vector<std::string>> dns_lists{};
};

// About 290 lines, whatever mail there is, because no label value comes from outside; more with DNS lists.
// Counters are read while others write them: each is correct, but they need not be of the same moment. Any
// thread.
std::string page(const Counters& counters, const State& state, Format format);

// The number of running workers; up to two for each slot while a new generation takes over.
std::int64_t living_workers(const Counters& counters);

}  // namespace sqlgrey::metrics
