// A store on an empty database, with a clock moved by hand, and what the tests put into it.
#pragma once

#include "database.hpp"

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

struct StoreTest {
    TestDatabase database;
    base::ManualClock clock{now};
    std::unique_ptr<SqlStore> store = open_store(database.target(), &clock);

    greylist::Known known(const greylist::Triplet& t) {
        return store->look_up(std::span(&t, 1), policy).known.at(0);
    }
    void remember(std::vector<greylist::Change> changes) { store->remember(changes); }
};

}  // namespace sqlgrey::store
