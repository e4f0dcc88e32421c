// Recognises crowds: access providers and hosting firms whose customers have host names that look like those
// of servers. Most of their first attempts are spam, and hardly any is retried. Pure functions; any thread.
#pragma once

#include "sqlgrey/base/time.hpp"

namespace sqlgrey::greylist {

// The counts kept for one organisation.
struct PoolCount {
    long long never_came_back = 0;  // triplets that expired in connect; halved every halving_period
    long long came_back = 0;        // rows of from_awl and domain_awl under the pool's identity
    base::Time halved_at{};         // last halving, or start of the count
    bool operator==(const PoolCount&) const = default;
};

inline constexpr base::Seconds halving_period{std::chrono::hours{24 * 30}};

// The count halved once for each period passed. A halved_at in the future, left by a clock that ran ahead,
// becomes `now`.
PoolCount halved(PoolCount count, base::Time now);

// True if at least `pool_crowd` triplets were never retried and fewer than 20 % were. 0: never.
bool is_crowd(const PoolCount& count, long long pool_crowd);

}  // namespace sqlgrey::greylist
