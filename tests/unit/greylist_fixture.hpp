// A triplet, the policy of the defaults and a fixed now.
#pragma once

#include "sqlgrey/greylist/decide.hpp"

#include <chrono>

#include <catch2/catch.hpp>

namespace sqlgrey::greylist {

using namespace std::chrono_literals;

inline const base::Time now = base::at(1'700'000'000);
inline const Policy policy{};

inline Triplet some_triplet() {
    return {"192.0.2", "example.org", "alice", "alice", "bob@example.net"};
}

inline Seen seen(base::Time first, base::Time last) {
    return {first, last};
}

}  // namespace sqlgrey::greylist
