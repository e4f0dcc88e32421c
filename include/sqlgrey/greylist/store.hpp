// What the decision needs from a database: two visits a batch, and cleaning now and then.
//
// Several workers and several hosts use one database at once. Every change is idempotent and every visit is
// one statement or one transaction, so the second one finds the rows of the first or leaves the same rows.
#pragma once

#include "sqlgrey/greylist/crowd.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace sqlgrey::greylist {

// The database did not do what was asked. what() is one line for the log. The failure policy answers, and the
// store has to be opened anew.
class StoreFailure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// It cannot be asked now, which may pass by itself: no server, connection lost, frozen, locked, read-only.
class StoreUnavailable : public StoreFailure {
  public:
    using StoreFailure::StoreFailure;
};

// It answers and refuses: this does not pass until an admin acts. what() names the database, file or
// statement, what is wrong and what to do.
class StoreError : public StoreFailure {
  public:
    enum class Fault {
        access,    // wrong password, unknown user or database, missing right
        schema,    // missing table or column, tables that cannot be taken over, a newer sqlgrey's tables
        damaged,   // the file is no database, or its pages are damaged
        full,      // the disk or the tablespace
        statement  // any other statement that the database refuses: our own mistake, most likely
    };
    StoreError(Fault fault, const std::string& what) : StoreFailure(what), fault_(fault) {}
    Fault fault() const { return fault_; }

  private:
    Fault fault_;
};

struct Facts {
    base::Time now;            // by the database's clock, so that hosts with different clocks agree
    std::vector<Known> known;  // one for each triplet, in order
};

// What is asked of a sender under another identity: triplet.src, or, where that is empty, the pool that the
// network is remembered as.
struct Elsewhere {
    Triplet triplet;
    std::string network;   // empty: none
    std::string letter{};  // sender_name of its rows (row_of_letter()); empty: they are not asked
};
struct FoundElsewhere {
    struct Network {
        std::string network;
        base::Time first_seen;
    };
    std::string pool;                      // that the network is remembered as; empty: none, or several
    std::optional<base::Time> remembered;  // when it was seen last; none: it is not remembered
    Known known;                           // domain_awl, from_awl and connect only
    std::vector<Network> of_letter{};      // that the letter came from; a few, in any order
};

// What all daemons on the database know of pools.
struct Pools {
    bool are_remembered = false;                  // pools are on somewhere, or were within awl_age
    std::set<std::string, std::less<>> crowds{};  // identities of organisations that are crowds
};

class Store {
  public:
    virtual ~Store() = default;

    // All that is known of these triplets, in one round trip (64 at most); in two if one of them has an
    // expired auto-whitelist row. Throws StoreFailure.
    virtual Facts look_up(std::span<const Triplet> triplets, const Policy& policy) = 0;

    // The second lookup, which only strangers cost: one round trip. Throws StoreFailure.
    virtual std::vector<FoundElsewhere> look_up_elsewhere(std::span<const Elsewhere> asked) = 0;

    // A visit of its own now and then: where pools are on it was so ten seconds ago or later; where they are
    // off and no network is remembered, it was so at the first call. Throws StoreFailure.
    virtual const Pools& pools(bool are_on) = 0;

    // Writes all changes in one transaction, and returns after its commit. A deadlock or the like is tried
    // again. Gives the indexes of those that are not written because another transaction keeps what
    // they need locked, in ascending order: the others are written, and the store can be used. Throws
    // StoreFailure when nothing (or, if the connection broke in COMMIT, perhaps all) was written.
    virtual std::vector<std::size_t> remember(std::span<const Change> changes) = 0;

    // From another thread: makes a look_up() or remember() that is waiting for a server fail soon. Does
    // nothing if none is.
    virtual void interrupt() noexcept = 0;
};

// A row of connect that never came back.
struct NeverRetried {
    std::string src, sender_name, sender_domain, rcpt, first_seen;
};

// The tables whose rows expire by last_seen, or (expectation, lists) by expires_at.
enum class AwlTable { from_awl, domain_awl, client_awl, pool, expectation, lists };

// What is counted of an organisation, and whether its clients are a crowd.
struct CountedPool {
    std::string src;
    PoolCount count;
    bool is_crowd = false;
    bool operator==(const CountedPool&) const = default;
};

class Cleaning {
  public:
    virtual ~Cleaning() = default;

    // True for one caller among all that share the database once `period` has passed since the last cleaning
    // (compare-and-set on config.last_dbclean). The first call finds statements of the cleaning that the
    // database refuses, whether or not it is due. Throws StoreFailure.
    virtual bool claim(base::Seconds period) = 0;

    // Each deletes one slice of expired rows and gives their number; 0: none is left. Throws
    // StoreUnavailable.
    virtual long long expire(AwlTable table, base::Seconds awl_age) = 0;
    virtual long long expire_connect(base::Seconds max_connect_age,
                                     const std::function<void(const NeverRetried&)>& tell) = 0;

    // By the clock that rules.
    virtual base::Time now() = 0;
    // What is counted of organisations.
    virtual std::vector<CountedPool> counted_pools() = 0;
    // How many rows of from_awl and domain_awl a pool has.
    virtual long long came_back(const std::string& pool) = 0;
    // Writes them; one of which nothing is counted any more goes. Two that write the same one leave the
    // later.
    virtual void put_counted_pools(std::span<const CountedPool> pools) = 0;
};

}  // namespace sqlgrey::greylist
