// The tables read as they are: nothing is written, no file is made, no table is brought up to date. A missing
// table counts as empty.
#pragma once

#include "sqlgrey/greylist/importing.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/store/daily.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sqlgrey::store {

// Looks up with the workers' statement, but also what is behind a row of an auto-whitelist. remember() writes
// nothing. For one thread; interrupt() may be called from any.
class ReadingStore : public greylist::Store {
  public:
    // At most `most` rows of connect with first_seen in [from, until], oldest first, found by its index.
    // Throws StoreFailure.
    virtual std::vector<greylist::WaitingTriplet> waiting_between(base::Time from, base::Time until,
                                                                  std::size_t most) = 0;
    // The daily statistics of all hosts, from this day ("2026-11-27") on. Reads about a million rows a
    // second. Throws StoreFailure.
    virtual Daily daily(const std::string& from_day) = 0;
    // The time by the database's clock. Throws StoreFailure.
    virtual base::Time now() = 0;
    // The missing tables, in sentences for the administrator.
    virtual std::vector<std::string> notes() const = 0;
    // True if there is a table `lists`.
    virtual bool has_lists() const = 0;
};

// `clock` as for open_store(). Throws greylist::StoreFailure; a SQLite file that does not exist is no
// failure.
std::unique_ptr<ReadingStore> open_to_read(const Target& target, const base::Clock* clock = nullptr);

}  // namespace sqlgrey::store
