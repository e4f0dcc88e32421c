#include "sqlgrey/service/explanation.hpp"

#include "batch_decider.hpp"
#include "ladders.hpp"
#include "p0f_rules.hpp"
#include "precheck.hpp"
#include "replies.hpp"
#include "sqlgrey/greylist/deferral_id.hpp"
#include "sqlgrey/greylist/limits.hpp"
#include "sqlgrey/mail/address.hpp"

namespace sqlgrey::service {
namespace {

using greylist::Verdict;

// Forwards lookups and keeps the facts; writes nothing.
class Listening final : public greylist::Store {
  public:
    explicit Listening(greylist::Store& store) : store_(store) {}

    greylist::Facts look_up(std::span<const greylist::Triplet> triplets,
                            const greylist::Policy& policy) override {
        heard = store_.look_up(triplets, policy);
        return *heard;
    }
    std::vector<std::size_t> remember(std::span<const greylist::Change>) override { return {}; }
    std::vector<greylist::FoundElsewhere> look_up_elsewhere(std::span<const greylist::Elsewhere> asked,
                                                            const greylist::Policy& policy) override {
        return store_.look_up_elsewhere(asked, policy);
    }
    std::vector<greylist::ClientFacts> look_up_facts(std::span<const greylist::FactQuestion> asked) override {
        return store_.look_up_facts(asked);
    }
    const greylist::Pools& pools(bool are_on) override { return store_.pools(are_on); }
    void interrupt() noexcept override { store_.interrupt(); }

    std::optional<greylist::Facts> heard;

  private:
    greylist::Store& store_;
};

// After exactly the delay a retry is still early. With retry_count the retries decide, not the time.
std::optional<base::Time> retry_passes_at(const Explanation& page, const greylist::Policy& policy) {
    if (policy.retry_count > 1) return {};
    const greylist::Outcome& outcome = page.outcome;
    const base::Seconds wait = outcome.delay + base::Seconds{1};
    if (outcome.verdict == Verdict::early_reconnect) return outcome.row->first + wait;
    if (outcome.verdict == Verdict::first_attempt) return page.facts->now + wait;
    return {};
}

// Decides as a worker does, with a batch of one.
void ask_rules(Decision& decision, const Rules& rules, greylist::Store& store, Explanation& page) {
    Listening listening(store);
    Decision* batch[] = {&decision};
    Rules with_id = rules;
    with_id.reply_id = true;
    BatchDecider(with_id).decide(listening, batch);
    page.facts = std::move(listening.heard);
    page.facts->known = {decision.known};
    page.triplet = decision.triplet;
    page.flags = decision.flags;
    if (decision.by_list) return;
    page.rules =
        greylist::explain(page.triplet, page.facts->known.front(), page.facts->now, rules.policy, page.flags);
}

// The identity of the request's rows, and why. If only its network makes the client one of a pool, that
// pool's identity is shown as stored.
void tell_identity(const Decision& decision, const Rules& rules, Explanation& page) {
    const policy::Attempt& attempt = decision.attempt;
    const net::Identity identity =
        net::identify(rules.identity, attempt.client_address, *attempt.client, attempt.client_name);
    page.src = identity.text;
    page.src_reason = net::reason(identity.basis);
    if (!rules.pools_on) return;
    const net::Pool pool = pool_of(attempt, rules);
    const bool is_member = pool.membership == net::Membership::member;
    const bool stands_alone = page.facts && decision.triplet.src == decision.client;
    if (!is_member && page.facts && !stands_alone) {
        page.src = decision.triplet.src;
        page.src_reason = "it has no verified name, but one of the pool's was seen in its network";
    } else if (!is_member) {
        page.src_reason += "; in no pool: " + std::string{net::reason(pool.membership)};
    } else if (stands_alone) {
        page.src_reason += "; in no pool: the clients of " + pool.organisation + " are a crowd";
    } else {
        page.src = net::pool_identity(pool.organisation);
        page.src_reason = net::reason(pool.membership);
    }
}

void finish(const Decision& decision, const Rules& rules, Explanation& page) {
    page.outcome = *decision.outcome;
    page.retry_passes_at = retry_passes_at(page, rules.policy);
    page.training = rules.training;
    const base::Time now = page.facts ? page.facts->now : base::Time{};
    // No row is written here, so the id of a first attempt could not be looked up.
    if (page.outcome.verdict == Verdict::first_attempt) page.outcome.id.clear();
    greylist::Outcome told = page.outcome;
    if (!rules.reply_id) told.id.clear();
    page.reply = reply_to(told, decision.attempt, now, rules);
}

}  // namespace

Explanation explain(const policy::Request& request, const lists::Lists& lists, const Rules& rules,
                    greylist::Store& store) {
    const policy::PendingRequest pending{request, std::make_shared<policy::ConnectionState>()};
    Decision decision = precheck(pending, lists, rules);
    Explanation page;
    const policy::Attempt& attempt = decision.attempt;
    if (attempt.client) page.lists = lists.explain(attempt);
    if (!decision.outcome) ask_rules(decision, rules, store, page);
    if (decision.lists && decision.known.facts)
        page.lists = lists.explain(policy::attempt_of(with_p0f(request, *decision.known.facts)));
    if (attempt.client) tell_identity(decision, rules, page);
    finish(decision, rules, page);
    return page;
}

Explanation explain(const greylist::Triplet& waiting, const Rules& rules, greylist::Store& store) {
    policy::Request request;
    request.set("recipient", waiting.rcpt);
    const policy::PendingRequest pending{request, std::make_shared<policy::ConnectionState>()};
    Decision decision{&pending, policy::attempt_of(pending.request)};
    decision.triplet = completed(waiting, rules);
    decision.client = waiting.src;
    Explanation page;
    page.src = waiting.src;
    page.src_reason = "as the row has it";
    ask_rules(decision, rules, store, page);
    finish(decision, rules, page);
    return page;
}

greylist::Triplet completed(greylist::Triplet waiting, const Rules& rules) {
    if (rules.privacy) {
        waiting.deverped = waiting.sender_name;
        return waiting;
    }
    const mail::Sender from = mail::sender(waiting.sender_name + "@" + waiting.sender_domain, waiting.rcpt);
    waiting.deverped = greylist::storable(from.deverped, mail::max_sender_name);
    waiting.own_hashes = from.own_hashes;
    if (rules.policy.opt_method == greylist::OptMethod::none) return waiting;
    waiting.opt_email = waiting.rcpt;
    waiting.opt_domain = mail::domain_after_first_at(waiting.rcpt);
    return waiting;
}

}  // namespace sqlgrey::service
