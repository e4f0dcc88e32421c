#include "strangers.hpp"

#include "sqlgrey/enrich/inquiry.hpp"
#include "sqlgrey/mail/address.hpp"

#include <algorithm>

namespace sqlgrey::service {
namespace {

using greylist::Verdict;

constexpr base::Milliseconds shortest_pause{25};

// Each address has one text.
std::string text_of(const net::Address& client) {
    return net::network(client, client.v6 ? 128 : 32);
}

bool is_to_be_told(const Decision& decision) {
    if (!decision.known.facts || decision.known.facts->complete) return false;
    if (!decision.outcome) return !decision.pending->was_held;
    // With `lists` what p0f says may decide the next time.
    return decision.lists || greylist::waits_since(*decision.outcome).has_value();
}

enrich::Stranger stranger_of(const Decision& decision, const Rules& rules) {
    const policy::Attempt& attempt = decision.attempt;
    enrich::Stranger one{std::string{attempt.client_address},
                         std::string{decision.pending->request.get("helo_name")}, std::string{attempt.sender},
                         fact_subject(decision, rules)};
    if (!decision.outcome || !rules.policy.spf_identity || one.subject.domain.empty()) return one;
    if (const auto since = greylist::waits_since(*decision.outcome)) one.letter = {decision.triplet, *since};
    return one;
}

}  // namespace

greylist::FactSubject fact_subject(const Decision& decision, const Rules& rules) {
    const bool has_domain = !mail::domain_after_first_at(decision.attempt.sender).empty();
    const std::string client = text_of(*decision.attempt.client);
    return {rules.privacy ? rules.privacy->of("client", client) : client,
            has_domain ? decision.triplet.sender_domain : std::string{}};
}

greylist::FactQuestion fact_question(const Decision& decision, const Rules& rules) {
    const greylist::FactSubject subject = fact_subject(decision, rules);
    const bool with_networks = rules.policy.spf_identity && !subject.domain.empty() &&
                               enrich::domain_of_sender(decision.attempt.sender).has_value();
    return {subject, greylist::address_key(*decision.attempt.client), with_networks};
}

bool is_to_be_held(const Decision& decision, const greylist::Outcome& outcome, const Rules& rules) {
    const policy::PendingRequest& pending = *decision.pending;
    return pending.may_be_held && outcome.verdict == Verdict::first_attempt && decision.known.facts &&
           !decision.known.facts->complete && pending.since_arrival < rules.first_contact_wait &&
           pending.request.get("stress") != "yes";
}

base::Milliseconds pause_of_held(base::Milliseconds since_arrival, base::Milliseconds first_contact_wait) {
    return std::min(std::max(since_arrival, shortest_pause), first_contact_wait - since_arrival);
}

std::vector<enrich::Stranger> strangers_of(const std::vector<Decision>& decisions, const Rules& rules) {
    std::vector<enrich::Stranger> strangers;
    for (const Decision& decision : decisions)
        if (is_to_be_told(decision)) strangers.push_back(stranger_of(decision, rules));
    return strangers;
}

}  // namespace sqlgrey::service
