#include "batch_decider.hpp"

#include "ladders.hpp"
#include "p0f_rules.hpp"
#include "sqlgrey/greylist/deferral_id.hpp"
#include "strangers.hpp"
#include "tarpit_rules.hpp"

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

    // Nearly always one round. A request waits for the next round if only the database knows what an earlier
    // one has changed; see must_wait().
    void all_rounds() {
        std::vector<Decision*> pending(batch_.begin(), batch_.end());
        while (!pending.empty()) round(pending);
    }

    void note_accepted_messages() const {
        for (const Accepted& message : accepted_) message.connection->instance_accepted = message.instance;
    }

  private:
    // A message that has passed for one recipient in this batch; see greylist::is_earned().
    struct Accepted {
        policy::ConnectionState* connection;
        std::string_view instance;
        const Decision* by;
    };

    void round(std::vector<Decision*>& pending) {
        std::optional<Ladders> identities;
        if (rules_.pools || rules_.enrich) identities.emplace(rules_, store_);
        std::vector<greylist::Triplet> triplets;
        triplets.reserve(pending.size());
        for (Decision* one : pending) {
            if (identities) one->triplet.src = identities->first_identity(*one);
            triplets.push_back(one->triplet);
            if (identities) triplets.back().count_client = one->triplet.src == one->client;
        }
        greylist::Facts facts = store_.look_up(triplets, rules_.policy);
        std::vector<std::optional<greylist::Ladder>> ladders(pending.size());
        if (identities) ladders = identities->of_strangers(pending, facts);

        changing_.clear();
        changes_.clear();
        owners_.clear();
        followers_.clear();
        learned_networks_.clear();
        std::vector<Decision*> next_round;
        for (std::size_t i = 0; i < pending.size(); ++i) {
            const bool is_behind = std::ranges::any_of(next_round, [&](const Decision* waiting) {
                return depends(*pending[i], *waiting, identities && identities->are_asked());
            });
            if (!is_behind && !must_wait(*pending[i]) && decide(*pending[i], ladders[i], facts, i)) continue;
            forget_p0f(*pending[i], facts.known[i]);
            next_round.push_back(pending[i]);
        }
        if (!changes_.empty())
            for (const std::size_t left : store_.remember(changes_)) undo(*owners_[left]);
        pending = std::move(next_round);
    }

    // True if the earlier request, which waits for the next round, may write a row that the later one reads,
    // or accept its message.
    static bool depends(const Decision& later, const Decision& earlier, bool on_rows_of_others) {
        return on_rows_of_others || later.triplet.src == earlier.triplet.src ||
               later.pending->connection == earlier.pending->connection;
    }

    // True with throttling if an earlier request promoted a triplet of the same source: how many rows the
    // source has left is not known. Also without a verified name, if the network has become a pool's or
    // another pool's: that pool's rows were not looked up.
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

    // False if it must wait after all; see conclude().
    bool decide(Decision& one, std::optional<greylist::Ladder>& ladder, const greylist::Facts& facts,
                std::size_t index) {
        greylist::Known known = facts.known[index];
        for (const Decision* before : changing_)
            note_follower(*before, one, greylist::apply(*before->outcome, one.triplet, known));
        // If an earlier request has made the sender known, neither facts nor other identities count.
        forget_p0f(one, known);
        if (one.flags.never_awl || !greylist::passes_by_awl(known, facts.now, rules_.policy))
            return decide_stranger(one, std::move(known), ladder, facts.now);
        known.facts.reset();
        return decide(one, std::move(known), facts.now);
    }

    // Of a stranger it was considered after the lookup.
    void forget_p0f(Decision& one, const greylist::Known& known) const {
        if (one.lists && known.facts) consider_p0f(one, {}, rules_);
    }

    bool decide_stranger(Decision& one, greylist::Known known, std::optional<greylist::Ladder>& ladder,
                         base::Time now) {
        if (one.lists && known.facts) consider_p0f(one, *known.facts, rules_);
        if (one.by_list) {
            decide_by_list(one, std::move(known));
            return true;
        }
        if (ladder) return decide(one, std::move(*ladder), now);
        return decide(one, std::move(known), now);
    }

    static void decide_by_list(Decision& one, greylist::Known known) {
        one.known = std::move(known);
        one.settle({*one.by_list});
    }

    bool decide(Decision& one, greylist::Known known, base::Time now) {
        one.known = std::move(known);
        return conclude(one, greylist::decide(one.triplet, one.known, now, rules_.policy, flags_of(one)),
                        one.triplet);
    }

    bool decide(Decision& one, greylist::Ladder ladder, base::Time now) {
        one.triplet.src = ladder.home.triplet.src;
        for (const Decision* before : changing_)
            note_follower(*before, one, greylist::apply(*before->outcome, ladder));
        one.known = greylist::known_of(ladder, now, rules_.policy);
        greylist::Outcome outcome = greylist::decide(ladder, now, rules_.policy, flags_of(one));
        const greylist::Triplet& waiting = greylist::waiting_triplet(ladder, outcome);
        return conclude(one, std::move(outcome), waiting);
    }

    // False if the domain is promoted, but since when its senders are known must be looked up again: an
    // earlier request may have replaced the oldest of their rows.
    bool conclude(Decision& one, greylist::Outcome outcome, const greylist::Triplet& waiting) {
        if (promotes_domain(outcome) && is_sender_replaced(one.triplet)) return false;
        if (is_to_be_held(one, outcome, rules_))
            one.outcome.reset();
        else
            settle(one, std::move(outcome), waiting);
        return true;
    }

    static bool promotes_domain(const greylist::Outcome& outcome) {
        return outcome.verdict != greylist::Verdict::domain_awl &&
               std::ranges::any_of(outcome.changes, [](const Change& change) {
                   return std::holds_alternative<greylist::PutDomainAwl>(change);
               });
    }

    bool is_sender_replaced(const greylist::Triplet& triplet) const {
        return std::ranges::any_of(changes_, [&](const Change& change) {
            const auto* put = std::get_if<greylist::PutFromAwl>(&change);
            return put && put->replaces_row && put->src == triplet.src &&
                   put->sender_domain == triplet.sender_domain;
        });
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
        flags.may_sleep = may_sleep(one, rules_);
        flags.has_slept = has_slept(one);
        flags.survived_tarpit = one.after_recipients;
        return flags;
    }

    // `waiting` is the triplet of the row in connect, if the request is deferred.
    void settle(Decision& one, greylist::Outcome outcome, const greylist::Triplet& waiting) {
        // At DATA there is no recipient, so no row that the id could name.
        if (rules_.reply_id && !one.after_recipients) outcome.id = greylist::deferral_id(waiting, outcome);
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

    // The last one of the request's connection; null: none in this batch.
    const Accepted* last_accepted(const Decision& one) const {
        const auto last = std::find_if(accepted_.rbegin(), accepted_.rend(), [&](const Accepted& message) {
            return message.connection == one.pending->connection.get();
        });
        return last == accepted_.rend() ? nullptr : &*last;
    }
    // True if an earlier request of the message has passed, in this batch or before.
    bool is_message_accepted(const Decision& one) const {
        const std::string_view instance = one.attempt.instance;
        if (instance.empty()) return false;
        const Accepted* last = last_accepted(one);
        return (last ? last->instance : one.pending->connection->instance_accepted) == instance;
    }

    // Takes back an outcome whose change was not written, and the outcomes that were decided by it.
    void undo(Decision& one) {
        if (!one.outcome || one.outcome->verdict == greylist::Verdict::rows_locked) return;
        one.settle({greylist::Verdict::rows_locked});
        std::erase_if(accepted_, [&](const Accepted& message) { return message.by == &one; });
        for (const auto& [before, behind] : followers_)
            if (before == &one) undo(*behind);
    }

    const Rules& rules_;
    greylist::Store& store_;
    std::span<Decision* const> batch_;
    // Of the current round:
    std::vector<const Decision*> changing_;  // decisions with changes
    std::vector<Change> changes_;            // all their changes
    std::vector<Decision*> owners_;          // the decision of each change
    // Pairs of which the second was decided by what the first changed.
    std::vector<std::pair<const Decision*, Decision*>> followers_;
    std::vector<std::string> learned_networks_;  // networks that became a pool's
    // Of all rounds:
    std::vector<Accepted> accepted_;
};

}  // namespace

void BatchDecider::decide(greylist::Store& store, std::span<Decision* const> batch) const {
    Run run(rules_, store, batch);
    run.all_rounds();
    run.note_accepted_messages();
}

}  // namespace sqlgrey::service
