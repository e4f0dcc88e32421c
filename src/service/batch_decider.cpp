#include "batch_decider.hpp"

#include <algorithm>
#include <ranges>
#include <string_view>
#include <utility>

namespace sqlgrey::service {
namespace {

using greylist::Change;

// Acceptance that a message has earned by waiting, itself or its sender before it.
bool is_earned(greylist::Verdict verdict) {
    using greylist::Verdict;
    return verdict == Verdict::reconnect_ok || verdict == Verdict::domain_awl ||
           verdict == Verdict::from_awl || verdict == Verdict::client_awl;
}

std::string_view instance_of(const Case& one) {
    return one.item->request.get("instance");
}

// One run over the cases of a batch.
class Run {
  public:
    Run(const Rules& rules, greylist::Store& store, std::vector<Case>& cases)
        : rules_(rules), store_(store), cases_(cases) {}

    // Nearly always one round. With throttling on, a request whose source was promoted by one before it waits
    // for the next: only the database knows how many of the source's rows are left.
    void all_rounds() {
        std::vector<Case*> undecided;
        undecided.reserve(cases_.size());
        for (Case& one : cases_) undecided.push_back(&one);
        while (!undecided.empty()) round(undecided);
    }

    void note_accepted_messages() const {
        for (const auto& [connection, instance] : accepted_) connection->instance_accepted = instance;
    }

  private:
    void round(std::vector<Case*>& undecided) {
        std::vector<greylist::Triplet> triplets;
        triplets.reserve(undecided.size());
        for (const Case* one : undecided) triplets.push_back(one->triplet());
        const greylist::Facts facts = store_.look_up(triplets, rules_.policy);

        changes_.clear();
        owners_.clear();
        std::vector<Case*> next_round;
        for (std::size_t i = 0; i < undecided.size(); ++i) {
            if (must_wait(undecided[i]->triplet()))
                next_round.push_back(undecided[i]);
            else
                decide(*undecided[i], facts.known[i], facts.now);
        }
        if (!changes_.empty())
            for (const std::size_t left : store_.remember(changes_)) undo_from(*owners_[left]);
        undecided = std::move(next_round);
    }

    bool must_wait(const greylist::Triplet& triplet) const {
        return rules_.policy.connect_src_throttle > 0 &&
               std::ranges::any_of(changes_, [&](const Change& change) {
                   return greylist::moves_source_counts(change) && greylist::source_of(change) == triplet.src;
               });
    }

    void decide(Case& one, greylist::Known known, base::Time now) {
        for (const Change& change : changes_) greylist::apply(change, one.triplet(), known);
        greylist::RequestFlags flags = one.checked.flags;
        flags.message_accepted = rules_.message_coherence && is_accepted(one);
        one.decision = greylist::decide(one.triplet(), known, now, rules_.policy, flags);
        if (is_earned(one.decision->verdict))
            accepted_.emplace_back(one.item->connection.get(), instance_of(one));
        if (one.decision->change) add(one, *one.decision->change);
        if (one.decision->pass) add(one, *one.decision->pass);
    }

    void add(Case& owner, const Change& change) {
        changes_.push_back(change);
        owners_.push_back(&owner);
    }

    // By a request before it in this batch, or before the batch.
    bool is_accepted(const Case& one) const {
        const std::string_view instance = instance_of(one);
        if (instance.empty()) return false;
        for (const auto& [connection, accepted] : accepted_ | std::views::reverse)
            if (connection == one.item->connection.get()) return accepted == instance;
        return one.item->connection->instance_accepted == instance;
    }

    // A change that is not written may have decided what came behind it from the same sender domain and
    // source.
    void undo_from(const Case& owner) {
        const auto depends = [&owner](const Case& one) {
            return one.index >= owner.index && one.triplet().src == owner.triplet().src &&
                   one.triplet().sender_domain == owner.triplet().sender_domain;
        };
        for (Case& one : cases_ | std::views::filter(depends)) undo(one);
    }
    void undo(Case& one) {
        one.decision.reset();
        std::erase(accepted_, std::pair{one.item->connection.get(), instance_of(one)});
    }

    const Rules& rules_;
    greylist::Store& store_;
    std::vector<Case>& cases_;
    std::vector<Change> changes_;                                                  // of this round
    std::vector<Case*> owners_;                                                    // of those
    std::vector<std::pair<policy::ConnectionState*, std::string_view>> accepted_;  // messages, by connection
};

}  // namespace

void BatchDecider::decide(greylist::Store& store, std::vector<Case>& cases) const {
    Run run(rules_, store, cases);
    run.all_rounds();
    run.note_accepted_messages();
}

}  // namespace sqlgrey::service
