// The time, policy and triplets of the store tests.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <string>

namespace sqlgrey::store {

inline const base::Time now = base::at(1'700'000'000);
inline const greylist::Policy policy{};

inline greylist::Triplet triplet(const std::string& name = "alice",
                                 const std::string& rcpt = "bob@example.net") {
    return {"192.0.2", "example.org", name, name, rcpt};
}

inline greylist::Change first_attempt(const greylist::Triplet& t, base::Time when = now) {
    return greylist::PutConnect{t, when, when - std::chrono::hours{24}};
}

}  // namespace sqlgrey::store
