#include "precheck.hpp"

#include "ladders.hpp"
#include "p0f_rules.hpp"
#include "sqlgrey/mail/address.hpp"

namespace sqlgrey::service {
namespace {

using greylist::Outcome;
using greylist::Verdict;

// Without src.
greylist::Triplet plain_triplet(const policy::Attempt& attempt) {
    const mail::Sender from = mail::sender(attempt.sender, attempt.recipient);
    greylist::Triplet triplet{{},
                              greylist::storable(from.domain, mail::max_domain),
                              greylist::storable(from.name, mail::max_sender_name),
                              greylist::storable(from.deverped, mail::max_sender_name),
                              greylist::storable(mail::recipient(attempt.recipient), mail::max_recipient)};
    triplet.own_hashes = from.own_hashes;
    return triplet;
}

// Both names are the hash of the deverped one: the hash of a name that changes with each mail could not be
// matched with it.
greylist::Triplet hashed(const greylist::Triplet& plain, const base::KeyedHash& hash) {
    const std::string name = hash.of("sender", plain.deverped + "@" + plain.sender_domain);
    return {{}, hash.of("domain", plain.sender_domain), name, name, hash.of("recipient", plain.rcpt)};
}

greylist::Triplet triplet_of(const policy::Attempt& attempt, const Rules& rules) {
    greylist::Triplet triplet = plain_triplet(attempt);
    const std::string rcpt = triplet.rcpt;
    if (rules.privacy) triplet = hashed(triplet, *rules.privacy);
    if (rules.policy.opt_method == greylist::OptMethod::none) return triplet;
    triplet.opt_email = rcpt;
    triplet.opt_domain = mail::domain_after_first_at(rcpt);
    return triplet;
}

// Lists and discrimination have decided about each recipient already; only never_whitelist matters.
Decision after_recipients(Decision decision, const lists::Lists& lists, const Rules& rules) {
    decision.after_recipients = true;
    decision.flags.never_awl = lists.match(decision.attempt).never_awl;
    decision.triplet = triplet_of(decision.attempt, rules);
    decision.client = client_identity(decision.attempt, rules);
    decision.triplet.src = decision.client;
    decision.triplet.ask_all = decision.flags.never_awl;
    if (rules.pools_on) decision.pool = pool_identity(decision.attempt, rules);
    return decision;
}

Decision decided(Decision decision, Verdict verdict) {
    decision.settle(Outcome{verdict});
    return decision;
}

}  // namespace

Decision precheck(const policy::PendingRequest& pending, const lists::Lists& lists, const Rules& rules) {
    Decision decision{&pending, policy::attempt_of(pending.request)};
    const policy::Attempt& attempt = decision.attempt;
    if (!attempt.is_policy_request) return decided(std::move(decision), Verdict::not_a_policy_request);
    if (attempt.client && rules.policy.targrey && pending.request.get("protocol_state") == "DATA")
        return after_recipients(std::move(decision), lists, rules);
    if (!attempt.client || attempt.recipient.empty()) return decided(std::move(decision), Verdict::unusable);

    const lists::Match match = lists.match(attempt);
    decision.entry = match.by;
    if (match.kind == lists::MatchKind::whitelisted)
        return decided(std::move(decision), Verdict::whitelisted);
    if (match.kind == lists::MatchKind::blacklisted)
        return decided(std::move(decision), Verdict::blacklisted);

    decision.triplet = triplet_of(attempt, rules);
    decision.client = client_identity(attempt, rules);
    decision.triplet.src = decision.client;
    if (rules.pools_on) decision.pool = pool_identity(attempt, rules);
    decision.triplet.ask_all = match.never_awl;
    decision.flags.never_awl = match.never_awl;
    if (rules.discrimination) {
        const auto rule = rules.discrimination->first_match(pending.request);
        decision.flags.suspicious = rule.has_value();
        decision.discrimination_rule = rule.value_or(0);
    }
    if (may_depend_on_p0f(decision, lists, rules)) decision.lists = &lists;
    return decision;
}

}  // namespace sqlgrey::service
