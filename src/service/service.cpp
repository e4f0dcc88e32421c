#include "sqlgrey/service/service.hpp"

#include "batch_decider.hpp"
#include "events.hpp"
#include "precheck.hpp"
#include "replies.hpp"

#include <utility>

namespace sqlgrey::service {

Service::Service(Rules rules, StoreLink::Open open_store, Outage& outage, const base::Clock& clock,
                 const log::Logger& logger, Alert alert, ListSource lists)
    : rules_(std::move(rules)),
      outage_(outage),
      clock_(clock),
      logger_(logger),
      lists_(std::move(lists)),
      link_(std::move(open_store), outage, clock, logger, std::move(alert),
            {rules_.pass_without_database, rules_.time_limit}) {
}

std::vector<policy::Reply> Service::answer(std::span<const policy::PendingRequest> batch) {
    std::vector<policy::Reply> replies(batch.size(), dunno());
    std::vector<Case> cases = precheck_all(batch, replies);
    if (cases.empty()) return replies;
    const BatchDecider decider(rules_);
    switch (link_.visit([&](greylist::Store& store) { decider.decide(store, cases); })) {
        case StoreLink::Visited::done:
            reply_to_decided(cases, replies);
            break;
        case StoreLink::Visited::failed:
            reply_without_database_to(cases, replies);
            break;
        case StoreLink::Visited::given_up:
            break;  // answered and counted already
    }
    return replies;
}

void Service::reply_to_decided(const std::vector<Case>& cases, std::vector<policy::Reply>& replies) {
    const log::Logger together = logger_.together();
    long long locked = 0;
    for (const Case& one : cases) {
        const policy::PendingRequest& item = *one.item;
        if (!one.decision) {
            ++locked;
            replies[one.index] = without_database();
            continue;
        }
        events::decided(events::about(together, item.request, rules_.log_queue_id), one.triplet(),
                        item.request.get("client_address"), *one.decision);
        replies[one.index] = once_a_message(worded(one), item);
    }
    if (locked > 0) report_locked(locked);
}

void Service::reply_without_database_to(const std::vector<Case>& cases, std::vector<policy::Reply>& replies) {
    outage_.answered_without(static_cast<long long>(cases.size()));
    for (const Case& one : cases) replies[one.index] = without_database();
}

void Service::report_locked(long long requests) {
    if (const auto since_last = outage_.locked(requests, clock_.now()))
        events::rows_locked(logger_, *since_last, rules_.pass_without_database);
}

// Answers what needs no database in `replies`; gives the rest.
std::vector<Case> Service::precheck_all(std::span<const policy::PendingRequest> batch,
                                        std::vector<policy::Reply>& replies) {
    const auto lists = this->lists();
    std::vector<Case> cases;
    cases.reserve(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const policy::PendingRequest& item = batch[i];
        Precheck checked = precheck(item.request, *lists, rules_);
        note(item.request, checked);
        if (checked.outcome == Precheck::to_be_looked_up)
            cases.push_back({i, &item, std::move(checked)});
        else
            replies[i] = settled(checked, item);
    }
    return cases;
}

// What a request leaves in the log and in the lists, whatever the database will say of it.
void Service::note(const policy::Request& request, const Precheck& checked) const {
    events::malformed_lines(logger_, request);
    const log::Logger logger = events::about(logger_, request, rules_.log_queue_id);
    if (checked.by && checked.by->is_row && lists_.hit) lists_.hit(checked.by->line);
    switch (checked.outcome) {
        case Precheck::not_a_policy_request:  // told once for a connection, which only its state knows
            return;
        case Precheck::unusable:
            return events::unusable(logger, request);
        case Precheck::whitelisted:
            return events::whitelisted(logger, request, *checked.by);
        case Precheck::blacklisted:
            return events::blacklisted(logger, request, *checked.by);
        case Precheck::to_be_looked_up:
            return events::sender_without_domain(logger, checked.triplet, request.get("sender"));
    }
}

policy::Reply Service::settled(const Precheck& checked, const policy::PendingRequest& item) const {
    if (checked.outcome == Precheck::not_a_policy_request &&
        !std::exchange(item.connection->reported_not_a_policy_request, true))
        events::not_a_policy_request(logger_, item.request.get("request"));
    if (checked.outcome == Precheck::not_a_policy_request || checked.outcome == Precheck::unusable)
        return dunno();
    return once_a_message(reply_to(checked, clock_.now(), rules_), item);
}

std::shared_ptr<const lists::Lists> Service::lists() const {
    static const auto none = std::make_shared<const lists::Lists>();
    return lists_.now ? lists_.now() : none;
}

policy::Reply Service::worded(const Case& decided) const {
    const policy::Request& request = decided.item->request;
    return reply_to(
        *decided.decision,
        {request.get("client_address"), request.get("recipient"), decided.checked.rule, clock_.now()},
        rules_);
}

// One header a message: its other recipients pass without a word.
policy::Reply Service::once_a_message(policy::Reply reply, const policy::PendingRequest& item) const {
    if (rules_.training) return dunno();
    const std::string_view instance = item.request.get("instance");
    if (!has_header(reply) || instance.empty()) return reply;
    if (item.connection->instance_with_header == instance) return dunno();
    item.connection->instance_with_header = instance;
    return reply;
}

policy::Reply Service::without_database() const {
    return rules_.training ? dunno() : reply_without_database(rules_);
}

std::vector<policy::Reply> Service::answer_without_database(std::span<const policy::PendingRequest> batch,
                                                            policy::Reporting reporting) {
    outage_.answered_without(static_cast<long long>(batch.size()));
    const auto lists = this->lists();
    std::vector<policy::Reply> replies;
    replies.reserve(batch.size());
    for (const policy::PendingRequest& item : batch) {
        const Precheck checked = precheck(item.request, *lists, rules_);
        if (reporting == policy::Reporting::here) note(item.request, checked);
        replies.push_back(by_lists_alone(checked));
    }
    return replies;
}

policy::Reply Service::by_lists_alone(const Precheck& checked) const {
    if (checked.outcome == Precheck::to_be_looked_up) return without_database();
    if (checked.outcome == Precheck::blacklisted && !rules_.training)
        return reply_to(checked, clock_.now(), rules_);
    return dunno();  // a header would need the state of the connection
}

}  // namespace sqlgrey::service
