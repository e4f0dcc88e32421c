#include "sqlgrey/service/service.hpp"

#include "batch_decider.hpp"
#include "events.hpp"
#include "replies.hpp"
#include "sift.hpp"

#include <utility>

namespace sqlgrey::service {

Service::Service(Rules rules, StoreLink::Open open_store, Outage& outage, const base::Clock& clock,
                 const log::Logger& logger, Alarm alarm, ListSource lists)
    : rules_(std::move(rules)),
      outage_(outage),
      clock_(clock),
      logger_(logger),
      lists_(std::move(lists)),
      link_(std::move(open_store), outage, clock, logger, std::move(alarm),
            {rules_.pass_without_database, rules_.time_limit}) {
}

std::vector<policy::Reply> Service::answer(std::span<const Item> batch) {
    std::vector<policy::Reply> replies(batch.size(), dunno());
    std::vector<Case> cases = sift_all(batch, replies);
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
        const Item& item = *one.item;
        if (!one.decision) {
            ++locked;
            replies[one.index] = without_database();
            continue;
        }
        events::decided(events::about(together, *item.request, rules_.log_queue_id), one.triplet(),
                        item.request->get("client_address"), *one.decision);
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
std::vector<Case> Service::sift_all(std::span<const Item> batch, std::vector<policy::Reply>& replies) {
    const auto lists = this->lists();
    std::vector<Case> cases;
    cases.reserve(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const Item& item = batch[i];
        Sifted sifted = sift(*item.request, *lists, rules_);
        note(*item.request, sifted);
        if (sifted.outcome == Sifted::to_be_looked_up)
            cases.push_back({i, &item, std::move(sifted)});
        else
            replies[i] = settled(sifted, item);
    }
    return cases;
}

// What a request leaves in the log and in the lists, whatever the database will say of it.
void Service::note(const policy::Request& request, const Sifted& sifted) const {
    events::junk_lines(logger_, request);
    const log::Logger logger = events::about(logger_, request, rules_.log_queue_id);
    if (sifted.by && sifted.by->is_row && lists_.hit) lists_.hit(sifted.by->line);
    switch (sifted.outcome) {
        case Sifted::strange:  // told once for a connection, which only its Memory knows
            return;
        case Sifted::unusable:
            return events::unusable(logger, request);
        case Sifted::whitelisted:
            return events::whitelisted(logger, request, *sifted.by);
        case Sifted::blacklisted:
            return events::blacklisted(logger, request, *sifted.by);
        case Sifted::to_be_looked_up:
            return events::odd_sender(logger, sifted.triplet, request.get("sender"));
    }
}

policy::Reply Service::settled(const Sifted& sifted, const Item& item) const {
    if (sifted.outcome == Sifted::strange && !std::exchange(item.memory->told_of_strange_request, true))
        events::strange_request(logger_, item.request->get("request"));
    if (sifted.outcome == Sifted::strange || sifted.outcome == Sifted::unusable) return dunno();
    return once_a_message(reply_to(sifted, clock_.now(), rules_), item);
}

std::shared_ptr<const lists::Lists> Service::lists() const {
    static const auto none = std::make_shared<const lists::Lists>();
    return lists_.now ? lists_.now() : none;
}

policy::Reply Service::worded(const Case& decided) const {
    const policy::Request& request = *decided.item->request;
    return reply_to(
        *decided.decision,
        {request.get("client_address"), request.get("recipient"), decided.sifted.rule, clock_.now()}, rules_);
}

// One header a message: its other recipients pass without a word.
policy::Reply Service::once_a_message(policy::Reply reply, const Item& item) const {
    if (rules_.training) return dunno();
    const std::string_view instance = item.request->get("instance");
    if (!has_header(reply) || instance.empty()) return reply;
    if (item.memory->instance_with_header == instance) return dunno();
    item.memory->instance_with_header = instance;
    return reply;
}

policy::Reply Service::without_database() const {
    return rules_.training ? dunno() : reply_without_database(rules_);
}

std::vector<policy::Reply> Service::answer_without_database(
    std::span<const policy::Request* const> requests) {
    outage_.answered_without(static_cast<long long>(requests.size()));
    const auto lists = this->lists();
    std::vector<policy::Reply> replies;
    for (const policy::Request* request : requests) {
        const Sifted sifted = sift(*request, *lists, rules_);
        note(*request, sifted);
        replies.push_back(by_lists_alone(sifted));
    }
    return replies;
}

std::vector<policy::Reply> Service::answer_meanwhile(std::span<const policy::Request* const> requests) {
    outage_.answered_without(static_cast<long long>(requests.size()));
    const auto lists = this->lists();
    std::vector<policy::Reply> replies;
    for (const policy::Request* request : requests)
        replies.push_back(by_lists_alone(sift(*request, *lists, rules_)));
    return replies;
}

policy::Reply Service::by_lists_alone(const Sifted& sifted) const {
    if (sifted.outcome == Sifted::to_be_looked_up) return without_database();
    if (sifted.outcome == Sifted::blacklisted && !rules_.training)
        return reply_to(sifted, clock_.now(), rules_);
    return dunno();  // a header would need the Memory
}

}  // namespace sqlgrey::service
