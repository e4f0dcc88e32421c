// A triplet, the default policy and a fixed time.
#pragma once

#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/greylist/identities.hpp"

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

inline Change only_change(const Outcome& outcome) {
    REQUIRE(outcome.changes.size() == 1);
    return outcome.changes.front();
}

// An outcome with that change.
inline Outcome with(Change change) {
    Outcome outcome{Verdict::reconnect_ok};
    outcome.changes.push_back(std::move(change));
    return outcome;
}

}  // namespace sqlgrey::greylist
