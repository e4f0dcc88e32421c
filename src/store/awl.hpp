// Reading rows of the auto-whitelists.
#pragma once

#include "prepared.hpp"
#include "sqlgrey/greylist/decide.hpp"

namespace sqlgrey::store {

// first_seen and last_seen, from column `first_seen` and the next; nothing if there is no row.
inline std::optional<greylist::Seen> seen(const Prepared& row, std::size_t first_seen) {
    const auto first = row.time(first_seen), last = row.time(first_seen + 1);
    if (!first || !last) return {};
    return greylist::Seen{*first, *last};
}

}  // namespace sqlgrey::store
