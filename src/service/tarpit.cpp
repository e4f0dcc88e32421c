#include "sqlgrey/service/tarpit.hpp"

#include <algorithm>

namespace sqlgrey::service {

bool Tarpit::take(base::Time now, base::Seconds sleep) {
    const std::int64_t moment = base::epoch(now);
    const std::int64_t end = base::epoch(now + sleep);
    for (std::size_t i = 0; i < places_; ++i) {
        std::int64_t free_from = shared_.free_from[i];
        const bool is_free = free_from <= moment || free_from > end;
        if (is_free && shared_.free_from[i].compare_exchange_strong(free_from, end)) return true;
    }
    return false;
}

std::size_t Tarpit::taken(const SharedTarpit& shared, base::Time now) {
    return static_cast<std::size_t>(std::ranges::count_if(
        shared.free_from, [&](const auto& free_from) { return free_from > base::epoch(now); }));
}

}  // namespace sqlgrey::service
