#include "sqlgrey/service/service.hpp"

#include "events.hpp"
#include "replies.hpp"
#include "sqlgrey/mail/address.hpp"
#include "sqlgrey/net/address.hpp"

#include <algorithm>
#include <utility>

namespace sqlgrey::service {

// One request that the database must be asked about.
struct Service::Case {
    std::size_t index;  // in the batch
    std::string client_address;
    greylist::Triplet triplet;
    greylist::Known known;
    std::optional<greylist::Decision> decision;
};

namespace {

greylist::Triplet triplet_of(const policy::Request& request, const net::Address& address,
                             const Rules& rules) {
    const std::string_view client = request.get("client_address");
    const mail::Sender from = mail::sender(request.get("sender"), request.get("recipient"));
    const std::string src =
        net::client_identity(rules.greymethod, client, address, request.get("client_name"), rules.patterns);
    constexpr std::size_t max_src = 39;  // the column's width
    return {greylist::storable(src, max_src), greylist::storable(from.domain, mail::max_domain),
            greylist::storable(from.name, mail::max_sender_name),
            greylist::storable(from.deverped, mail::max_sender_name),
            greylist::storable(mail::recipient(request.get("recipient")), mail::max_recipient)};
}

}  // namespace

Service::Service(Rules rules, OpenStore open_store, Outage& outage, const base::Clock& clock,
                 const log::Logger& logger, Alarm alarm)
    : rules_(std::move(rules)),
      open_store_(std::move(open_store)),
      outage_(outage),
      clock_(clock),
      logger_(logger),
      alarm_(std::move(alarm)),
      freezes_at_opening_(outage.freezes()) {
}

std::vector<policy::Reply> Service::answer(std::span<const Item> batch) {
    std::vector<policy::Reply> replies(batch.size(), dunno());
    std::vector<Case> cases = sift(batch, replies);
    try {
        decide_all(cases);
    } catch (const greylist::StoreUnavailable& error) {
        const bool given_up = !available_;  // then the loop has answered, counted and told already
        if (given_up && !unwritten_) {
            drop_store();
            return replies;
        }
        lost(error.what(), unwritten_ ? Outage::How::unwritten : Outage::How::lost);
        return given_up ? replies : answer_without_database(batch.size());
    }
    for (const Case& decided : cases) {
        const Item& item = batch[decided.index];
        events::decided(logger_, decided.triplet, decided.client_address, *decided.decision);
        replies[decided.index] = worded(decided, item.request->get("instance"), *item.memory);
    }
    return replies;
}

// A connection that is lost most often died while nobody used it: the server was restarted, an idle time-out
// ended it. So the batch is tried once more over a new one; its changes may be written twice.
void Service::decide_all(std::vector<Case>& cases) {
    try {
        decide_rounds(cases);
    } catch (const greylist::StoreUnavailable&) {
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
std::vector<Service::Case> Service::sift(std::span<const Item> batch,
                                         std::vector<policy::Reply>& replies) const {
    std::vector<Case> cases;
    cases.reserve(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const policy::Request& request = *batch[i].request;
        for (const std::string& line : request.junk()) events::junk_line(logger_, line);
        if (request.get("request") != "smtpd_access_policy") {
            if (!std::exchange(batch[i].memory->told_of_strange_request, true))
                events::strange_request(logger_, request.get("request"));
            replies[i] = dunno();
            continue;
        }
        const auto address = net::parse_address(request.get("client_address"));
        if (!address || request.get("recipient").empty()) {
            events::unusable(logger_, request);
            replies[i] = dunno();
            continue;
        }
        Case one{
            i, std::string{request.get("client_address")}, triplet_of(request, *address, rules_), {}, {}};
        events::odd_sender(logger_, one.triplet, request.get("sender"));
        cases.push_back(std::move(one));
    }
    return cases;
}

// Nearly always one round. With throttling on, a request whose source was promoted by one before it waits for
// the next: only the database knows how many of the source's rows are left.
void Service::decide_rounds(std::vector<Case>& cases) {
    std::vector<Case*> open;
    for (Case& one : cases) open.push_back(&one);
    while (!open.empty()) decide_round(open);
}

void Service::decide_round(std::vector<Case*>& open) {
    const auto store = this->store();
    if (!store) throw greylist::StoreUnavailable("not connected");
    std::vector<greylist::Triplet> triplets;
    for (const Case* one : open) triplets.push_back(one->triplet);
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
        if (must_wait(one.triplet)) {
            next_round.push_back(&one);
            continue;
        }
        one.known = facts.known[i];
        for (const greylist::Change& change : changes) greylist::apply(change, one.triplet, one.known);
        one.decision = greylist::decide(one.triplet, one.known, facts.now, rules_.policy);
        if (one.decision->change) changes.push_back(*one.decision->change);
    }
    if (!changes.empty()) remember(*store, changes);
    open = std::move(next_round);
}

void Service::remember(greylist::Store& store, const std::vector<greylist::Change>& changes) {
    try {
        store.remember(changes);
    } catch (const greylist::StoreUnavailable&) {
        unwritten_ = true;
        throw;
    }
    unwritten_ = false;
    if (const auto over = outage_.wrote(clock_.now())) tell_back(*over);
}

// One header a message: its other recipients pass without a word.
policy::Reply Service::worded(const Case& decided, std::string_view instance, Memory& memory) const {
    policy::Reply reply = reply_to(*decided.decision, rules_);
    if (!has_header(reply) || instance.empty()) return reply;
    if (memory.instance_with_header == instance) return dunno();
    memory.instance_with_header = instance;
    return reply;
}

std::vector<policy::Reply> Service::answer_without_database(std::size_t requests) {
    outage_.answered_without(static_cast<long long>(requests));
    return std::vector<policy::Reply>(requests, reply_without_database(rules_));
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
    } catch (const greylist::StoreUnavailable& error) {
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
