#include "batch_decider.hpp"

#include "ladders.hpp"
#include "sqlgrey/greylist/deferral_id.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace sqlgrey::service {
namespace {

using greylist::Change;

// One run over a batch.
class Run {
  public:
    Run(const Rules& rules, greylist::Store& store, std::span<Decision* const> batch)
        : rules_(rules), store_(store), batch_(batch) {}

    // Nearly always one round. With throttling on, a request whose source was promoted by one before it waits
    // for the next: only the database knows how many of the source's rows are left.
    void all_rounds() {
        std::vector<Decision*> pending(batch_.begin(), batch_.end());
        while (!pending.empty()) round(pending);
    }

    void note_accepted_messages() const {
        for (const auto& [connection, instance] : accepted_) connection->instance_accepted = instance;
    }

  private:
    void round(std::vector<Decision*>& pending) {
        std::optional<Ladders> identities;
        if (rules_.pools) identities.emplace(rules_, store_);
        std::vector<greylist::Triplet> triplets;
        triplets.reserve(pending.size());
        for (Decision* one : pending) {
            if (identities) one->triplet.src = identities->first_identity(*one);
            triplets.push_back(one->triplet);
        }
        const greylist::Facts facts = store_.look_up(triplets, rules_.policy);
        std::vector<std::optional<greylist::Ladder>> ladders(pending.size());
        if (identities) ladders = identities->of_strangers(pending, facts);

        changing_.clear();
        changes_.clear();
        owners_.clear();
        std::vector<Decision*> next_round;
        for (std::size_t i = 0; i < pending.size(); ++i) {
            if (must_wait(*pending[i]))
                next_round.push_back(pending[i]);
            else if (ladders[i])
                decide(*pending[i], std::move(*ladders[i]), facts.now);
            else
                decide(*pending[i], facts.known[i], facts.now);
        }
        if (!changes_.empty())
            for (const std::size_t left : store_.remember(changes_)) undo_from(*owners_[left]);
        pending = std::move(next_round);
    }

    bool must_wait(const Decision& one) const {
        return rules_.policy.connect_src_throttle > 0 &&
               std::ranges::any_of(changes_, [&](const Change& change) {
                   const std::string& src = greylist::source_of(change);
                   return greylist::moves_source_counts(change) &&
                          (src == one.triplet.src || src == one.client);
               });
    }

    void decide(Decision& one, greylist::Known known, base::Time now) {
        for (const Decision* before : changing_) greylist::apply(*before->outcome, one.triplet, known);
        one.known = known;
        settle(one, greylist::decide(one.triplet, one.known, now, rules_.policy, flags_of(one)), one.triplet);
    }

    void decide(Decision& one, greylist::Ladder ladder, base::Time now) {
        one.triplet.src = ladder.home.triplet.src;
        for (const Decision* before : changing_) greylist::apply(*before->outcome, ladder);
        one.known = greylist::known_of(ladder, now, rules_.policy);
        greylist::Outcome outcome = greylist::decide(ladder, now, rules_.policy, flags_of(one));
        const greylist::Triplet& waiting = greylist::waiting_triplet(ladder, outcome);
        settle(one, std::move(outcome), waiting);
    }

    greylist::RequestFlags flags_of(const Decision& one) const {
        greylist::RequestFlags flags = one.flags;
        flags.message_accepted = rules_.message_coherence && is_accepted(one);
        return flags;
    }

    // `waiting` is what its row in connect is of, if it is deferred.
    void settle(Decision& one, greylist::Outcome outcome, const greylist::Triplet& waiting) {
        if (rules_.reply_id) outcome.id = greylist::deferral_id(waiting, outcome);
        one.settle(std::move(outcome));
        if (greylist::is_earned(one.outcome->verdict))
            accepted_.emplace_back(one.pending->connection.get(), one.attempt.instance);
        if (one.outcome->changes.empty()) return;
        changing_.push_back(&one);
        for (const Change& change : one.outcome->changes) {
            changes_.push_back(change);
            owners_.push_back(&one);
        }
    }

    // By a request before it in this batch, or before the batch.
    bool is_accepted(const Decision& one) const {
        const std::string_view instance = one.attempt.instance;
        if (instance.empty()) return false;
        const policy::ConnectionState* own = one.pending->connection.get();
        const auto last = std::find_if(accepted_.rbegin(), accepted_.rend(),
                                       [&](const auto& message) { return message.first == own; });
        return (last == accepted_.rend() ? own->instance_accepted : last->second) == instance;
    }

    // A change that is not written may have decided later requests from the same sender domain and
    // source.
    void undo_from(const Decision& owner) {
        for (auto one = std::ranges::find(batch_, &owner); one != batch_.end(); ++one)
            if ((*one)->triplet.src == owner.triplet.src &&
                (*one)->triplet.sender_domain == owner.triplet.sender_domain)
                undo(**one);
    }
    void undo(Decision& one) {
        one.settle({greylist::Verdict::rows_locked});
        std::erase(accepted_, std::pair{one.pending->connection.get(), one.attempt.instance});
    }

    const Rules& rules_;
    greylist::Store& store_;
    std::span<Decision* const> batch_;
    std::vector<Decision*> changing_;  // of this round: with changes
    std::vector<Change> changes_;      // of those
    std::vector<Decision*> owners_;    // one for each change
    std::vector<std::pair<policy::ConnectionState*, std::string_view>> accepted_;  // messages
};

}  // namespace

void BatchDecider::decide(greylist::Store& store, std::span<Decision* const> batch) const {
    Run run(rules_, store, batch);
    run.all_rounds();
    run.note_accepted_messages();
}

}  // namespace sqlgrey::service
