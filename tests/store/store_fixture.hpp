// A store on an empty database, with a clock that the test sets. What must be true of every store is tested
// with any_store.hpp.
#pragma once

#include "database.hpp"
#include "store_values.hpp"

namespace sqlgrey::store {

struct StoreTest {
    TestDatabase database;
    base::ManualClock clock{now};
    std::unique_ptr<greylist::Store> store = open_store(database.target(), &clock);

    greylist::Known known(const greylist::Triplet& t) {
        return store->look_up(std::span(&t, 1), policy).known.at(0);
    }
    void remember(std::vector<greylist::Change> changes) { store->remember(changes); }
};

}  // namespace sqlgrey::store
