// The facts in the database, as the resolver child uses them. Several hosts use one database at once: whoever
// claims a subject asks about it, the others find the answers.
#pragma once

#include "sqlgrey/greylist/facts.hpp"
#include "sqlgrey/greylist/triplet.hpp"

#include <span>
#include <string>
#include <vector>

namespace sqlgrey::greylist {

// For one thread at a time. Every function is a visit to the database, two at most, and throws StoreFailure.
class FactStore {
  public:
    virtual ~FactStore() = default;

    struct Claimed {
        base::Time now;         // the database's clock
        std::vector<bool> won;  // for each subject, in order: this caller is the one that asks about it
    };
    // Writes the row `asked` of each subject that has none which still counts; it counts for `lasts`. Of two
    // callers at once one wins. A subject whose facts are known, or asked by another, is not won; of a
    // subject that comes several times only the first is.
    virtual Claimed claim(std::span<const FactSubject> subjects, base::Seconds lasts) = 0;

    // The facts about these subjects that have not expired, in any order.
    virtual std::vector<Fact> read(std::span<const FactSubject> subjects) = 0;

    // The networks that the SPF record of a domain covers.
    struct DomainNetworks {
        std::string domain;                // as stored
        std::vector<AddressRange> ranges;  // none overlaps another
        base::Time expires_at;
    };
    // Writes all in one transaction. Facts replace those of the same subject and source, networks all those
    // of the domain. With the networks give a fact about the domain: of two callers at once one's remain.
    virtual void write(std::span<const Fact> facts, std::span<const DomainNetworks> networks) = 0;

    // As Store::remember(), for rows of waiting letters under another identity.
    virtual void remember(std::span<const Change> changes) = 0;
};

}  // namespace sqlgrey::greylist
