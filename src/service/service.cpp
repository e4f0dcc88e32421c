#include "sqlgrey/service/service.hpp"

#include "batch_decider.hpp"
#include "events.hpp"
#include "ladders.hpp"
#include "precheck.hpp"
#include "replies.hpp"
#include "strangers.hpp"
#include "tarpit_rules.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sqlgrey::service {
namespace {

// Nothing if the client counts for itself.
std::optional<PoolEvidence> pool_evidence(const Decision& decision) {
    if (decision.outcome->rule == "unproven_retries") return PoolEvidence::retries;
    if (decision.triplet.src == decision.client) return {};
    return decision.triplet.src == decision.pool ? PoolEvidence::name : PoolEvidence::network;
}

std::vector<Decision*> without_held(std::span<Decision* const> batch) {
    std::vector<Decision*> decided;
    std::ranges::copy_if(batch, std::back_inserter(decided),
                         [](const Decision* one) { return one->outcome.has_value(); });
    return decided;
}

}  // namespace

using greylist::Verdict;

Service::Service(Rules rules, StoreLink::Open open_store, Outage& outage, Counters& counters,
                 const base::Clock& clock, const log::Logger& logger, Alert alert, ListSource lists,
                 TellOfStrangers tell, Tarpit* tarpit)
    : rules_(std::move(rules)),
      outage_(outage),
      counters_(counters),
      clock_(clock),
      logger_(logger),
      lists_(std::move(lists)),
      tell_(std::move(tell)),
      tarpit_(tarpit),
      link_(std::move(open_store), outage, counters, clock, logger, std::move(alert),
            {rules_.pass_without_database, rules_.time_limit}) {
    if (!tell_) rules_.first_contact_wait = {};  // nobody would find out what is waited for
}

std::vector<policy::Reply> Service::answer(std::span<const policy::PendingRequest> batch) {
    const auto lists = this->lists();  // outcomes point into them
    strangers_.clear();
    std::vector<Decision> decisions;
    std::vector<Decision*> by_rules;
    decisions.reserve(batch.size());
    for (const policy::PendingRequest& pending : batch) {
        Decision& decision = decisions.emplace_back(precheck(pending, *lists, rules_));
        // No recipient has waited, or this connection is not told of it any more.
        if (decision.after_recipients && !has_slept(decision)) decision.settle({Verdict::unusable});
        if (!pending.was_held) report_received(decision);
        if (!decision.outcome)
            by_rules.push_back(&decision);
        else if (decision.outcome->verdict == Verdict::not_a_policy_request)
            report_not_a_policy_request(decision);
    }
    if (!by_rules.empty()) decide(by_rules);

    std::vector<policy::Reply> replies;
    replies.reserve(batch.size());
    for (const Decision& decision : decisions) replies.push_back(reply(decision));
    if (tell_ && rules_.enrich) strangers_ = strangers_of(decisions, rules_);
    return replies;
}

void Service::replied() {
    if (!strangers_.empty()) tell_(std::exchange(strangers_, {}));
}

void Service::decide(std::span<Decision* const> batch) {
    const BatchDecider decider(rules_);
    switch (link_.visit([&](greylist::Store& store) { decider.decide(store, batch); })) {
        case StoreLink::Visited::done: {
            const std::vector<Decision*> decided = without_held(batch);
            take_places(decided);
            return report_decided(decided);
        }
        case StoreLink::Visited::failed:
            outage_.answered_without(std::ssize(batch));
            count_without_database(std::ssize(batch));
            break;
        case StoreLink::Visited::given_up:
            break;  // answered and counted already
    }
    for (Decision* decision : batch) decision->settle({Verdict::store_unavailable});
}

std::vector<policy::Reply> Service::answer_without_database(std::span<const policy::PendingRequest> batch,
                                                            policy::Reporting reporting) {
    outage_.answered_without(std::ssize(batch));
    const auto lists = this->lists();
    std::int64_t undecided = 0;
    std::vector<policy::Reply> replies;
    replies.reserve(batch.size());
    for (const policy::PendingRequest& pending : batch) {
        Decision decision = precheck(pending, *lists, rules_);
        if (decision.after_recipients) decision.settle({Verdict::unusable});
        if (reporting == policy::Reporting::here && !pending.was_held) report_received(decision);
        if (!decision.outcome) {
            decision.settle({Verdict::store_unavailable});
            ++undecided;
        }
        replies.push_back(reply_to_decided(decision));
        replies.back().header.clear();  // whether the message has one already is not known in this thread
    }
    count_without_database(undecided);
    return replies;
}

void Service::log_decision(const log::Logger& logger, const Decision& decision) const {
    const auto& facts = decision.known.facts;
    events::write_decision(logger, {decision.attempt, decision.triplet, *decision.outcome,
                                    rules_.privacy.has_value(), facts ? &*facts : nullptr});
}

// A client that finds no place in the tarpit is deferred as others are.
void Service::take_places(std::span<Decision* const> batch) {
    for (Decision* one : batch) {
        greylist::Outcome& outcome = *one->outcome;
        if (outcome.sleep.count() == 0) continue;
        if (has_slept(*one)) {  // since this batch was decided
            outcome.sleep = {};
        } else if (tarpit_ && tarpit_->take(clock_.now(), outcome.sleep)) {
            counters_.tarpit_slept.add();
            one->pending->connection->instance_tarpitted = one->attempt.instance;
        } else {
            counters_.tarpit_full.add();
            outcome.sleep = {};
            outcome.goes_on = false;
        }
    }
}

// Logs and counts what does not depend on the database.
void Service::report_received(const Decision& decision) {
    if (decision.after_recipients) return;
    events::malformed_lines(logger_, decision.pending->request);
    const log::Logger logger = events::about(logger_, decision.attempt.queue_id, rules_.log_queue_id);
    if (decision.entry) count_hit(*decision.entry);
    if (!decision.outcome && rules_.pools_on && logger.wants(log::Category::grey, log::verbose))
        events::identity(logger, decision.attempt, decision.pool.empty() ? decision.client : decision.pool,
                         net::reason(pool_of(decision.attempt, rules_).membership));
    if (!decision.outcome)
        return events::sender_without_domain(logger, decision.triplet, decision.attempt.sender);
    if (decision.outcome->verdict != Verdict::not_a_policy_request)  // see report_not_a_policy_request()
        log_decision(logger, decision);
    count(*decision.outcome);
}

void Service::report_not_a_policy_request(const Decision& decision) {
    if (decision.attempt.request == policy::check_request) return;
    if (std::exchange(decision.pending->connection->reported_not_a_policy_request, true)) return;
    log_decision(logger_, decision);
}

// Counts after all lines are written: a worker that is killed has nearly always done both or neither.
void Service::report_decided(std::span<Decision* const> batch) {
    {
        const log::Logger together = logger_.together();
        for (const Decision* decision : batch)
            log_decision(events::about(together, decision->attempt.queue_id, rules_.log_queue_id), *decision);
    }
    for (const Decision* decision : batch) count(*decision->outcome);
    for (const Decision* decision : batch)
        if (decision->entry_by_p0f) count_hit(*decision->entry);
    for (const Decision* decision : batch)
        if (const auto evidence = pool_evidence(*decision))
            counters_.pool_joins[static_cast<std::size_t>(*evidence)].add();
    const auto locked = std::ranges::count_if(
        batch, [](const Decision* one) { return one->outcome->verdict == Verdict::rows_locked; });
    if (locked == 0) return;
    if (const auto since_last = outage_.locked(locked, clock_.now()))
        events::rows_locked(logger_, *since_last, rules_.pass_without_database);
}

void Service::count_hit(const lists::EntryRef& entry) {
    counters_.list_hits[static_cast<std::size_t>(entry.list)].add();
    if (entry.is_row && lists_.hit) lists_.hit(entry.line);
}

void Service::count(const greylist::Outcome& outcome) {
    counters_.of(outcome.verdict).add();
    if (outcome.verdict == Verdict::reconnect_ok)
        counters_.delay.add(static_cast<std::uint64_t>(std::max<std::int64_t>(outcome.waited.count(), 0)));
    if (outcome.verdict == Verdict::rows_locked) count_answers_of_policy(1);
}

// Counts requests that on_db_failure answers.
void Service::count_without_database(std::int64_t requests) {
    counters_.of(Verdict::store_unavailable).add(static_cast<std::uint64_t>(requests));
    count_answers_of_policy(requests);
}

void Service::count_answers_of_policy(std::int64_t requests) {
    base::Counter& answers =
        rules_.pass_without_database ? counters_.passed_by_policy : counters_.deferred_by_policy;
    answers.add(static_cast<std::uint64_t>(requests));
}

policy::Reply Service::reply(const Decision& decision) const {
    if (decision.outcome) return once_a_message(reply_to_decided(decision), decision);
    policy::Reply held;
    held.ask_again = pause_of_held(decision.pending->since_arrival, rules_.first_contact_wait);
    return held;
}

policy::Reply Service::reply_to_decided(const Decision& decision) const {
    if (rules_.training) return {};
    return reply_to(*decision.outcome, decision.attempt, clock_.now(), rules_);
}

// One header a message: further recipients of it pass without.
policy::Reply Service::once_a_message(policy::Reply reply, const Decision& decision) const {
    const std::string_view instance = decision.attempt.instance;
    if (reply.header.empty() || instance.empty()) return reply;
    std::string& with_header = decision.pending->connection->instance_with_header;
    if (with_header == instance) reply.header.clear();
    with_header = instance;
    return reply;
}

std::shared_ptr<const lists::Lists> Service::lists() const {
    static const auto none = std::make_shared<const lists::Lists>();
    return lists_.now ? lists_.now() : none;
}

}  // namespace sqlgrey::service
