// Whether an auto-white-list lets a sender pass, as decide() sees it.
#pragma once

#include "sqlgrey/greylist/decide.hpp"

namespace sqlgrey::store {

inline bool passes(const greylist::Known& known, base::Time now, const greylist::Policy& policy) {
    const auto alive = [&](const std::optional<greylist::Seen>& row) {
        return row && row->last > now - policy.awl_age;
    };
    return alive(known.domain_awl) || alive(known.from_awl);
}

}  // namespace sqlgrey::store
