#include "sqlgrey/service/service.hpp"

#include "events.hpp"
#include "replies.hpp"
#include "sift.hpp"

#include <algorithm>
#include <utility>

namespace sqlgrey::service {

// One request that the database must be asked about.
struct Service::Case {
    std::size_t index;  // in the batch
    const Item* item;
    Sifted sifted;
    std::optional<greylist::Decision> decision;

    const greylist::Triplet& triplet() const { return sifted.triplet; }
};

namespace {

// Acceptance that a message has earned by waiting, itself or its sender before it.
bool is_earned(greylist::Verdict verdict) {
    using greylist::Verdict;
    return verdict == Verdict::reconnect_ok || verdict == Verdict::domain_awl ||
           verdict == Verdict::from_awl || verdict == Verdict::client_awl;
}

}  // namespace

Service::Service(Rules rules, OpenStore open_store, Outage& outage, const base::Clock& clock,
                 const log::Logger& logger, Alarm alarm, ListSource lists)
    : rules_(std::move(rules)),
      open_store_(std::move(open_store)),
      outage_(outage),
      clock_(clock),
      logger_(logger),
      alarm_(std::move(alarm)),
      lists_(std::move(lists)),
      freezes_at_opening_(outage.freezes()) {
}

std::vector<policy::Reply> Service::answer(std::span<const Item> batch) {
    std::vector<policy::Reply> replies(batch.size(), dunno());
    std::vector<Case> cases = sift_all(batch, replies);
    try {
        decide_all(cases);
    } catch (const greylist::StoreFailure& error) {
        const bool given_up = !available_;  // then the loop has answered, counted and told already
        if (given_up && !unwritten_) {
            drop_store();
            return replies;
        }
        lost(error.what(), unwritten_ ? Outage::How::unwritten : Outage::How::lost);
        if (given_up) return replies;
        outage_.answered_without(static_cast<long long>(cases.size()));
        for (const Case& open : cases) replies[open.index] = without_database();
        return replies;
    }
    const log::Logger together = logger_.together();
    for (const Case& decided : cases) {
        const Item& item = *decided.item;
        events::decided(together, decided.triplet(), item.request->get("client_address"), *decided.decision);
        replies[decided.index] = once_a_message(worded(decided), item);
    }
    return replies;
}

// A connection that is lost most often died while nobody used it: the server was restarted, an idle time-out
// ended it. So the batch is tried once more over a new one; its changes may be written twice.
void Service::decide_all(std::vector<Case>& cases) {
    try {
        decide_rounds(cases);
    } catch (const greylist::StoreFailure&) {
        if (!reconnect()) throw;
        decide_rounds(cases);
    }
}

// False if the loop gave up meanwhile: the batch is answered, and is to leave no rows.
bool Service::reconnect() {
    if (!available() || !store()) return false;
    open_anew();
    return available();
}

// Answers what needs no database in `replies`; gives the rest.
std::vector<Service::Case> Service::sift_all(std::span<const Item> batch,
                                             std::vector<policy::Reply>& replies) {
    const auto lists = this->lists();
    std::vector<Case> cases;
    cases.reserve(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const Item& item = batch[i];
        Sifted sifted = sift(*item.request, *lists, rules_);
        note(*item.request, sifted);
        if (sifted.outcome == Sifted::to_be_looked_up)
            cases.push_back({i, &item, std::move(sifted), {}});
        else
            replies[i] = settled(sifted, item);
    }
    return cases;
}

// What a request leaves in the log and in the lists, whatever the database will say of it.
void Service::note(const policy::Request& request, const Sifted& sifted) const {
    for (const std::string& line : request.junk()) events::junk_line(logger_, line);
    if (sifted.by && sifted.by->is_row && lists_.hit) lists_.hit(sifted.by->line);
    switch (sifted.outcome) {
        case Sifted::strange:  // told once for a connection, which only its Memory knows
            return;
        case Sifted::unusable:
            return events::unusable(logger_, request);
        case Sifted::whitelisted:
            return events::whitelisted(logger_, request, *sifted.by);
        case Sifted::blacklisted:
            return events::blacklisted(logger_, request, *sifted.by);
        case Sifted::to_be_looked_up:
            return events::odd_sender(logger_, sifted.triplet, request.get("sender"));
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

// Nearly always one round. With throttling on, a request whose source was promoted by one before it waits for
// the next: only the database knows how many of the source's rows are left.
void Service::decide_rounds(std::vector<Case>& cases) {
    std::vector<Case*> open;
    open.reserve(cases.size());
    for (Case& one : cases) open.push_back(&one);
    while (!open.empty()) decide_round(open);
}

void Service::decide_round(std::vector<Case*>& open) {
    const auto store = this->store();
    if (!store) throw greylist::StoreUnavailable("not connected");
    std::vector<greylist::Triplet> triplets;
    triplets.reserve(open.size());
    for (const Case* one : open) triplets.push_back(one->triplet());
    const greylist::Facts facts = store->look_up(triplets, rules_.policy);

    std::vector<greylist::Change> changes;
    std::vector<Case*> next_round;
    const auto must_wait = [&](const greylist::Triplet& triplet) {
        return rules_.policy.connect_src_throttle > 0 &&
               std::ranges::any_of(changes, [&](const greylist::Change& change) {
                   return greylist::moves_source_counts(change) && greylist::source_of(change) == triplet.src;
               });
    };
    for (std::size_t i = 0; i < open.size(); ++i) {
        Case& one = *open[i];
        if (must_wait(one.triplet()))
            next_round.push_back(&one);
        else
            decide(one, facts, i, changes);
    }
    if (!changes.empty()) remember(*store, changes);
    open = std::move(next_round);
}

// Decides one of a batch, and adds what it changes to the changes of those before it.
void Service::decide(Case& one, const greylist::Facts& facts, std::size_t place,
                     std::vector<greylist::Change>& changes) {
    greylist::Known known = facts.known[place];
    for (const greylist::Change& change : changes) greylist::apply(change, one.triplet(), known);
    const std::string_view instance = one.item->request->get("instance");
    std::string& accepted = one.item->memory->instance_accepted;
    greylist::Standing standing = one.sifted.standing;
    standing.message_accepted = rules_.message_coherence && !instance.empty() && accepted == instance;
    one.decision = greylist::decide(one.triplet(), known, facts.now, rules_.policy, standing);
    if (is_earned(one.decision->verdict)) accepted = instance;
    if (one.decision->change) changes.push_back(*one.decision->change);
    if (one.decision->pass) changes.push_back(*one.decision->pass);
}

void Service::remember(greylist::Store& store, const std::vector<greylist::Change>& changes) {
    try {
        store.remember(changes);
    } catch (const greylist::StoreFailure&) {
        unwritten_ = true;
        throw;
    }
    unwritten_ = false;
    if (const auto over = outage_.wrote(clock_.now())) tell_back(*over);
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

void Service::lost(const std::string& why, Outage::How how) {
    available_ = false;
    drop_store();
    if (outage_.begins(clock_.now(), how)) tell_lost(why);
}

void Service::tell_lost(const std::string& why) {
    const std::string text = events::database_gone(logger_, why, rules_.pass_without_database);
    if (alarm_) alarm_("sqlgrey: the database is away", text);
}

// The old one goes before the new one.
void Service::open_anew() {
    drop_store();
    freezes_at_opening_ = outage_.freezes();
    set_store(open_store_());
}

void Service::tell_back(const Outage::Over& over) {
    const std::string text = events::database_back(logger_, over.lasted, over.answered);
    if (alarm_) alarm_("sqlgrey: the database is back", text);
}

void Service::recover() {
    if (store() && available()) return;
    try {
        open_anew();
    } catch (const greylist::StoreFailure& error) {
        lost(error.what(), Outage::How::lost);
        return;
    }
    available_ = true;
    if (const auto over = outage_.ends(clock_.now())) tell_back(*over);
}

void Service::give_up() {
    // What another worker has told of already swallowed this connection too: it is no new outage.
    const bool known = freezes_at_opening_ != outage_.freezes();
    available_ = false;
    if (const auto store = this->store()) store->interrupt();
    if (!known && outage_.begins(clock_.now(), Outage::How::frozen))
        tell_lost("no answer within " + std::to_string(rules_.time_limit.count()) + " ms (db_timeout)");
}

std::shared_ptr<greylist::Store> Service::store() const {
    const std::lock_guard lock(mutex_);
    return store_;
}

// Interrupted first: to close a connection properly a word from the server may be needed, which may never
// come.
void Service::drop_store() {
    if (const auto store = this->store()) store->interrupt();
    set_store(nullptr);
}

void Service::set_store(std::shared_ptr<greylist::Store> store) {
    std::unique_lock lock(mutex_);
    std::swap(store_, store);
    lock.unlock();  // the old one closes its connection outside the lock
}

}  // namespace sqlgrey::service
