// Organisations whose clients are a crowd: access providers and hosting firms whose names do not show that
// they are those of customers. Their first attempts are those of spammers, and hardly any comes back. Pure.
#pragma once

#include "sqlgrey/base/time.hpp"

namespace sqlgrey::greylist {

// What is counted of an organisation.
struct PoolCount {
    long long never_came_back = 0;  // letters whose row in connect has expired; halved every month
    long long came_back = 0;        // rows of the auto-whitelists under the pool's identity
    base::Time halved_at{};         // when never_came_back was halved last, or began
    bool operator==(const PoolCount&) const = default;
};

inline constexpr base::Seconds halving_period{std::chrono::hours{24 * 30}};

// The count as it is now: halved once for each period that has passed. A halved_at that lies ahead, written
// by a host whose clock ran ahead, is now.
PoolCount halved(PoolCount count, base::Time now);

// True if at least `pool_crowd` letters never came back, and fewer than 20 of 100 did. `pool_crowd` of 0:
// never.
bool is_crowd(const PoolCount& count, long long pool_crowd);

}  // namespace sqlgrey::greylist
