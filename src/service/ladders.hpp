// The identities of a request's client, and what is known under each (pools, spf_identity); facts about
// unknown clients (enrich). One thread at a time.
#pragma once

#include "decision.hpp"
#include "sqlgrey/greylist/identities.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/service/rules.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sqlgrey::service {

// The client's identity by greymethod, and that of its pool or an empty text, both as stored in the tables.
std::string client_identity(const policy::Attempt& attempt, const Rules& rules);
std::string pool_identity(const policy::Attempt& attempt, const Rules& rules);
// The client's pool, or why it is in none.
net::Pool pool_of(const policy::Attempt& attempt, const Rules& rules);

// The network of a client without a verified name, as stored in the table `pool`; empty for other clients.
std::string network_without_name(const policy::Attempt& attempt, const Rules& rules);

// Makes the second lookup of a batch.
class Ladders {
  public:
    // `store` and `rules` must outlive it. Throws greylist::StoreFailure.
    Ladders(const Rules& rules, greylist::Store& store);

    // False: no client has rows under other identities.
    bool are_asked() const {
        return rules_.pools_on || pools_.are_remembered || (rules_.enrich && rules_.policy.spf_identity);
    }

    // The identity that is looked up first: the pool's, unless its organisation is a crowd.
    const std::string& first_identity(const Decision& decision) const;

    // A ladder for each request that `facts`, the first lookup, do not let pass and whose client may have
    // rows under other identities; nothing for the others. With enrich, what is known about the clients of
    // such requests is added to `facts`. Throws greylist::StoreFailure.
    std::vector<std::optional<greylist::Ladder>> of_strangers(std::span<Decision* const> batch,
                                                              greylist::Facts& facts);

  private:
    struct Question {
        std::size_t index;  // of the request in the batch
        std::size_t first;  // of its `count` lookups, and one more if it has a domain's identity
        std::size_t count;
        bool has_domain;
    };
    using Found = std::span<const greylist::FoundElsewhere>;
    using Asked = std::span<const greylist::Elsewhere>;

    bool is_stranger(const Decision& decision, const greylist::Known& known, base::Time now) const;
    bool is_crowd(const std::string& pool) const { return pools_.crowds.contains(pool); }
    void add_facts(std::span<Decision* const> batch, const std::vector<std::size_t>& strangers,
                   greylist::Facts& facts) const;
    std::vector<greylist::Elsewhere> elsewhere(const Decision& decision) const;
    std::optional<greylist::Elsewhere> under_domain(const Decision& decision,
                                                    const greylist::Known& known) const;
    std::optional<greylist::Ladder> ladder_of(const Decision& decision, const greylist::Known& known,
                                              Asked asked, Found found, base::Time now) const;
    greylist::Ladder of_member(const Decision& decision, const greylist::Known& known, Asked asked,
                               Found found, base::Time now) const;
    std::optional<greylist::Ladder> of_network(const Decision& decision, const greylist::Known& known,
                                               const greylist::Elsewhere& asked,
                                               const greylist::FoundElsewhere& found, base::Time now) const;
    std::string letter_of(const Decision& decision) const;
    std::optional<greylist::Ladder> of_letter(const Decision& decision, const greylist::Known& known,
                                              const greylist::Elsewhere& asked,
                                              const greylist::FoundElsewhere& found, base::Time now) const;

    const Rules& rules_;
    greylist::Store& store_;
    const greylist::Pools& pools_;
};

}  // namespace sqlgrey::service
