// What decisions and cleaning need from the database. A batch costs two visits.
//
// Several workers and hosts use one database at once. Every change is idempotent and every visit is one
// statement or one transaction, so whoever comes second finds the rows of the first or writes the same ones.
// A Store or Cleaning is used by one thread at a time, except for Store::interrupt().
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

// The database failed. what() is one line for the log. The failure policy answers, and the store must be
// opened again.
class StoreFailure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// May pass by itself: no server, connection lost, frozen, locked, read-only.
class StoreUnavailable : public StoreFailure {
  public:
    using StoreFailure::StoreFailure;
};

// Needs an administrator. what() names the database, file or statement, what is wrong and what to do.
class StoreError : public StoreFailure {
  public:
    enum class Fault {
        access,    // wrong password, unknown user or database, missing right
        schema,    // missing table or column, tables that cannot be taken over, a newer sqlgrey's tables
        damaged,   // the file is no database, or has damaged pages
        full,      // disk or tablespace full
        statement  // the database refuses a statement for another reason: most likely our own mistake
    };
    StoreError(Fault fault, const std::string& what) : StoreFailure(what), fault_(fault) {}
    Fault fault() const { return fault_; }

  private:
    Fault fault_;
};

struct Facts {
    base::Time now;            // the database's clock, so that hosts with different clocks agree
    std::vector<Known> known;  // one for each triplet, in order
};

// A lookup of a sender under another identity: triplet.src, or if that is empty, the pool the network is
// remembered for.
struct Elsewhere {
    Triplet triplet;
    std::string network;   // empty: none
    std::string letter{};  // sender_name of its rows (row_of_letter()); empty: not looked up
};
struct FoundElsewhere {
    struct Network {
        std::string network;
        base::Time first_seen;
    };
    std::string pool;                      // the network is remembered for; empty: none, or several
    std::optional<base::Time> remembered;  // when the pool was last seen in the network
    Known known;                           // domain_awl, from_awl, connect and what a client is counted by
    std::vector<Network> of_letter{};      // networks the letter came from; a few, in any order
};

// A question for the facts about a stranger.
struct FactQuestion {
    FactSubject subject;         // no domain: only about the client
    std::string address;         // address_key() of the client
    bool with_networks = false;  // the networks of the domain are asked about, too (spf_identity)
};

// What all daemons on the database know of pools.
struct Pools {
    bool are_remembered = false;                  // some daemon has pools on, or had within awl_age
    std::set<std::string, std::less<>> crowds{};  // their identities (src)
};

class Store {
  public:
    virtual ~Store() = default;

    // All that is known about at most 64 triplets, in one round trip; two if one of them has an expired
    // auto-whitelist row. Throws StoreFailure.
    virtual Facts look_up(std::span<const Triplet> triplets, const Policy& policy) = 0;

    // The second lookup, for unknown senders only: one round trip, two with letters. Throws StoreFailure.
    virtual std::vector<FoundElsewhere> look_up_elsewhere(std::span<const Elsewhere> asked,
                                                          const Policy& policy) = 0;

    // The facts about strangers, with enrich only: one round trip. Throws StoreFailure.
    virtual std::vector<ClientFacts> look_up_facts(std::span<const FactQuestion> asked) = 0;

    // Cached: at most ten seconds old with pools on, an hour with pools off while networks are remembered;
    // otherwise read once. Throws StoreFailure.
    virtual const Pools& pools(bool are_on) = 0;

    // Writes all changes in one transaction and returns after its commit; retries after a deadlock or the
    // like. Returns the indexes, ascending, of changes not written because another transaction keeps their
    // rows locked; the others are written and the store remains usable. Throws StoreFailure: nothing is
    // written (or, if the connection broke during COMMIT, possibly everything).
    virtual std::vector<std::size_t> remember(std::span<const Change> changes) = 0;

    // From another thread: makes a call that is waiting for a server fail soon. No effect otherwise.
    virtual void interrupt() noexcept = 0;
};

// An expired row of connect.
struct NeverRetried {
    std::string src, sender_name, sender_domain, rcpt, first_seen;
};

// The tables whose rows expire by last_seen, or (expectation, fact, spf_network, lists) by expires_at.
enum class AwlTable { from_awl, domain_awl, client_awl, pool, expectation, fact, spf_network, lists };

// The counts of an organisation, and whether it is a crowd.
struct CountedPool {
    std::string src;
    PoolCount count;
    bool is_crowd = false;
    bool operator==(const CountedPool&) const = default;
};

class Cleaning {
  public:
    virtual ~Cleaning() = default;

    // True for one of all daemons on the database once `period` has passed since the last cleaning
    // (compare-and-set on config.last_dbclean). The first call also finds statements of the cleaning that
    // the database refuses, due or not. Throws StoreFailure.
    virtual bool claim(base::Seconds period) = 0;

    // Each deletes one slice of expired rows and returns their number; 0: none left. `tell` is called with
    // the deleted rows, all those of one first_seen in the same slice. Throws StoreUnavailable.
    virtual long long expire(AwlTable table, base::Seconds awl_age) = 0;
    virtual long long expire_connect(base::Seconds max_connect_age,
                                     const std::function<void(std::span<const NeverRetried>)>& tell) = 0;

    // The database's clock. This and the functions below throw StoreFailure.
    virtual base::Time now() = 0;
    // All organisations that have counts.
    virtual std::vector<CountedPool> counted_pools() = 0;
    // How many rows of from_awl and domain_awl the pool has.
    virtual long long came_back(const std::string& pool) = 0;
    // Writes them; one whose counts are zero is deleted. If two daemons write the same one, the later wins.
    virtual void put_counted_pools(std::span<const CountedPool> pools) = 0;
};

}  // namespace sqlgrey::greylist
