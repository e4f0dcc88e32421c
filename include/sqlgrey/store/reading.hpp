// The tables as they are, for a program that only looks: nothing is written, no file made, no table brought
// up to date. Tables that are not there yet hold nothing.
#pragma once

#include "sqlgrey/greylist/importing.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sqlgrey::store {

// Looks up as the workers do, by the same statement, but also what is behind a row of an auto-whitelist.
// What is to be remembered is not. For one thread.
class ReadingStore : public greylist::Store {
  public:
    // Rows of connect whose first_seen is in [from, until], by its index, at most so many. Throws
    // StoreFailure.
    virtual std::vector<greylist::WaitingTriplet> waiting_between(base::Time from, base::Time until,
                                                                  std::size_t most) = 0;
    // By the database's clock.
    virtual base::Time now() = 0;
    // What is missing of the tables, in sentences for the administrator; empty: nothing.
    virtual std::vector<std::string> notes() const = 0;
    // True if the table `lists` can be read.
    virtual bool has_lists() const = 0;
};

// `clock` as for open_store(). Throws greylist::StoreFailure; a SQLite file that does not exist is no
// failure.
std::unique_ptr<ReadingStore> open_to_read(const Target& target, const base::Clock* clock = nullptr);

}  // namespace sqlgrey::store
