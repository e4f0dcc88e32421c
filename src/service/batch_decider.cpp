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

    // Nearly always one round. A request waits for the next where only the database knows what one before it
    // has changed; see must_wait().
    void all_rounds() {
        std::vector<Decision*> pending(batch_.begin(), batch_.end());
        while (!pending.empty()) round(pending);
    }

    void note_accepted_messages() const {
        for (const Accepted& message : accepted_) message.connection->instance_accepted = message.instance;
    }

  private:
    // A message of which one recipient was accepted in this batch.
    struct Accepted {
        policy::ConnectionState* connection;
        std::string_view instance;
        const Decision* by;
    };

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
        followers_.clear();
        learned_networks_.clear();
        std::vector<Decision*> next_round;
        for (std::size_t i = 0; i < pending.size(); ++i) {
            // With pools, clients of other identities may have rows of those that wait.
            const bool is_behind_waiting = !next_round.empty() && identities && identities->are_asked();
            if (is_behind_waiting || must_wait(*pending[i]))
                next_round.push_back(pending[i]);
            else if (ladders[i])
                decide(*pending[i], std::move(*ladders[i]), facts.now);
            else
                decide(*pending[i], facts.known[i], facts.now);
        }
        if (!changes_.empty())
            for (const std::size_t left : store_.remember(changes_)) undo(*owners_[left]);
        pending = std::move(next_round);
    }

    // With throttling on, where its source was promoted by one before it: how many of the source's rows are
    // left is not known. Without a verified name, where its network has become a pool's, or another's: the
    // pool's rows were not asked for.
    bool must_wait(const Decision& one) const {
        if (!learned_networks_.empty() &&
            std::ranges::count(learned_networks_, network_without_name(one.attempt, rules_)) > 0)
            return true;
        return rules_.policy.connect_src_throttle > 0 &&
               std::ranges::any_of(changes_, [&](const Change& change) {
                   const std::string& src = greylist::source_of(change);
                   return greylist::moves_source_counts(change) &&
                          (src == one.triplet.src || src == one.client);
               });
    }

    void decide(Decision& one, greylist::Known known, base::Time now) {
        for (const Decision* before : changing_)
            note_follower(*before, one, greylist::apply(*before->outcome, one.triplet, known));
        one.known = known;
        settle(one, greylist::decide(one.triplet, one.known, now, rules_.policy, flags_of(one)), one.triplet);
    }

    void decide(Decision& one, greylist::Ladder ladder, base::Time now) {
        one.triplet.src = ladder.home.triplet.src;
        for (const Decision* before : changing_)
            note_follower(*before, one, greylist::apply(*before->outcome, ladder));
        one.known = greylist::known_of(ladder, now, rules_.policy);
        greylist::Outcome outcome = greylist::decide(ladder, now, rules_.policy, flags_of(one));
        const greylist::Triplet& waiting = greylist::waiting_triplet(ladder, outcome);
        settle(one, std::move(outcome), waiting);
    }

    void note_follower(const Decision& before, Decision& one, greylist::Affected affected) {
        const bool counts_decide = rules_.policy.connect_src_throttle > 0;
        if (affected == greylist::Affected::triplet ||
            (affected == greylist::Affected::source_counts && counts_decide))
            followers_.emplace_back(&before, &one);
    }

    greylist::RequestFlags flags_of(const Decision& one) const {
        greylist::RequestFlags flags = one.flags;
        flags.message_accepted = rules_.message_coherence && is_message_accepted(one);
        return flags;
    }

    // `waiting` is what its row in connect is of, if it is deferred.
    void settle(Decision& one, greylist::Outcome outcome, const greylist::Triplet& waiting) {
        if (rules_.reply_id) outcome.id = greylist::deferral_id(waiting, outcome);
        one.settle(std::move(outcome));
        const greylist::Verdict verdict = one.outcome->verdict;
        if (verdict == greylist::Verdict::message_accepted)
            if (const Accepted* message = last_accepted(one)) followers_.emplace_back(message->by, &one);
        if (greylist::is_earned(verdict))
            accepted_.push_back({one.pending->connection.get(), one.attempt.instance, &one});
        if (one.outcome->changes.empty()) return;
        changing_.push_back(&one);
        for (const Change& change : one.outcome->changes) {
            changes_.push_back(change);
            owners_.push_back(&one);
            if (const auto* memory = std::get_if<greylist::RememberPool>(&change))
                learned_networks_.push_back(memory->network);
        }
    }

    // Of the connection, in this batch; null: none.
    const Accepted* last_accepted(const Decision& one) const {
        const auto last = std::find_if(accepted_.rbegin(), accepted_.rend(), [&](const Accepted& message) {
            return message.connection == one.pending->connection.get();
        });
        return last == accepted_.rend() ? nullptr : &*last;
    }
    // By a request before it in this batch, or before the batch.
    bool is_message_accepted(const Decision& one) const {
        const std::string_view instance = one.attempt.instance;
        if (instance.empty()) return false;
        const Accepted* last = last_accepted(one);
        return (last ? last->instance : one.pending->connection->instance_accepted) == instance;
    }

    // Of a change that is not written, and so is what later requests were decided by.
    void undo(Decision& one) {
        if (one.outcome->verdict == greylist::Verdict::rows_locked) return;
        one.settle({greylist::Verdict::rows_locked});
        std::erase_if(accepted_, [&](const Accepted& message) { return message.by == &one; });
        for (const auto& [before, behind] : followers_)
            if (before == &one) undo(*behind);
    }

    const Rules& rules_;
    greylist::Store& store_;
    std::span<Decision* const> batch_;
    std::vector<const Decision*> changing_;  // of this round: with changes
    std::vector<Change> changes_;            // of those
    std::vector<Decision*> owners_;          // one for each change
    // Of this round: the second was decided by what the first has changed.
    std::vector<std::pair<const Decision*, Decision*>> followers_;
    std::vector<std::string> learned_networks_;  // of this round: remembered as a pool's
    std::vector<Accepted> accepted_;
};

}  // namespace

void BatchDecider::decide(greylist::Store& store, std::span<Decision* const> batch) const {
    Run run(rules_, store, batch);
    run.all_rounds();
    run.note_accepted_messages();
}

}  // namespace sqlgrey::service
