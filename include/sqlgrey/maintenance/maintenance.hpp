// The maintenance child's work: expired rows go, in small slices with pauses, never on the path of a request.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/log/logger.hpp"

#include <functional>

namespace sqlgrey::maintenance {

struct Ages {
    base::Seconds cleaning_period{1800};
    base::Seconds awl_age{};
    base::Seconds max_connect_age{};
};

// Waits that long, or less; false: it is time to stop.
using Pause = std::function<bool(base::Milliseconds)>;

// if cleaning is due and this process wins the election among all that share the database, all
// expired rows are deleted and the `spam` and `perf` lines are logged. Throws greylist::StoreFailure.
void clean_if_due(greylist::Cleaning& cleaning, const Ages& ages, const log::Logger& logger,
                  const Pause& pause);

}  // namespace sqlgrey::maintenance
