#include "sqlgrey/greylist/crowd.hpp"

namespace sqlgrey::greylist {

PoolCount halved(PoolCount count, base::Time now) {
    if (count.halved_at > now) count.halved_at = now;
    while (now - count.halved_at >= halving_period) {
        if (count.never_came_back == 0) {
            count.halved_at = now;
            break;
        }
        count.never_came_back /= 2;
        count.halved_at += halving_period;
    }
    return count;
}

bool is_crowd(const PoolCount& count, long long pool_crowd) {
    if (pool_crowd == 0 || count.never_came_back < pool_crowd) return false;
    constexpr long long one_in = 5;
    return count.came_back * one_in < count.came_back + count.never_came_back;
}

}  // namespace sqlgrey::greylist
