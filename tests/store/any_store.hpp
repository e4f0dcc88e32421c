// What must be true of every greylist::Store is tested by the cases of behaviour.cpp and behind_awl.cpp: with
// each database (on_database.cpp, part of test_store) and with the store in memory that other modules' tests
// use (memory/in_memory.cpp, part of test_store_memory). These cases contain no SQL; those that need it are
// in sql_behaviour.cpp.
#pragma once

#include "sqlgrey/greylist/identities.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "store_values.hpp"

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace sqlgrey::store {

// A store, and access to its tables without it. Tables have the names that they have in SQL.
class AnyStore {
  public:
    virtual ~AnyStore() = default;
    virtual greylist::Store& store() = 0;
    virtual std::size_t rows(const std::string& table) = 0;
    virtual void clear(const std::string& table) = 0;
    // Writes a row of an opt table, such as optin_domain.
    virtual void opt(const std::string& table, const std::string& domain_or_email) = 0;
};

// An empty store of the kind that this program tests. The clock must outlive it.
std::unique_ptr<AnyStore> empty_store(const base::Clock& clock);

struct AnyStoreTest {
    base::ManualClock clock{now};
    std::unique_ptr<AnyStore> tables = empty_store(clock);
    greylist::Store* store = &tables->store();

    greylist::Known known(const greylist::Triplet& t) {
        return store->look_up(std::span(&t, 1), policy).known.at(0);
    }
    void remember(std::vector<greylist::Change> changes) { store->remember(changes); }
};

}  // namespace sqlgrey::store
