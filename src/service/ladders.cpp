#include "ladders.hpp"

#include "p0f_rules.hpp"
#include "sqlgrey/greylist/limits.hpp"
#include "sqlgrey/mail/address.hpp"
#include "strangers.hpp"

#include <algorithm>

namespace sqlgrey::service {
namespace {

using greylist::Elsewhere;
using greylist::FoundElsewhere;
using greylist::Known;
using greylist::Ladder;
using greylist::Rung;

constexpr std::size_t max_evidence = 255;  // width of the column
constexpr std::string_view unverified = "unknown";

bool has_no_name(const policy::Attempt& attempt) {
    return attempt.client_name == unverified || attempt.client_name.empty();
}

std::string as_stored(const std::string& identity, std::string_view purpose, const Rules& rules) {
    return rules.privacy ? rules.privacy->of(purpose, identity)
                         : greylist::storable(identity, greylist::max_src);
}

std::string identity_by_name(const policy::Attempt& attempt, std::string_view name, const Rules& rules) {
    return as_stored(net::client_identity(rules.identity, attempt.client_address, *attempt.client, name),
                     "client", rules);
}

std::string network_of(const policy::Attempt& attempt, const Rules& rules) {
    return as_stored(net::pool_network(*attempt.client), "network", rules);
}

greylist::Triplet under(const std::string& src, const greylist::Triplet& triplet) {
    greylist::Triplet other = triplet;
    other.src = src;
    return other;
}

bool is_fresh(const FoundElsewhere& found, base::Time now, base::Seconds step) {
    return found.remembered && now - *found.remembered < step;
}

}  // namespace

std::string client_identity(const policy::Attempt& attempt, const Rules& rules) {
    return identity_by_name(attempt, attempt.client_name, rules);
}

net::Pool pool_of(const policy::Attempt& attempt, const Rules& rules) {
    return rules.pools->pool_of(attempt.client_name, *attempt.client,
                                mail::domain_after_first_at(attempt.sender));
}

std::string pool_identity(const policy::Attempt& attempt, const Rules& rules) {
    const net::Pool pool = pool_of(attempt, rules);
    if (pool.membership != net::Membership::member) return {};
    const std::string identity = net::pool_identity(pool.organisation);
    return rules.privacy ? net::hashed_identity(*rules.privacy, identity) : identity;
}

std::string network_without_name(const policy::Attempt& attempt, const Rules& rules) {
    return attempt.client && has_no_name(attempt) ? network_of(attempt, rules) : std::string{};
}

Ladders::Ladders(const Rules& rules, greylist::Store& store)
    : rules_(rules), store_(store), pools_(store.pools(rules.pools_on)) {
}

const std::string& Ladders::first_identity(const Decision& decision) const {
    const bool is_pooled = rules_.pools_on && !decision.pool.empty() && !is_crowd(decision.pool);
    return is_pooled ? decision.pool : decision.client;
}

bool Ladders::is_stranger(const Decision& decision, const Known& known, base::Time now) const {
    if (!decision.flags.suspicious && !decision.lists) return false;
    if (!decision.flags.never_awl && greylist::passes_by_awl(known, now, rules_.policy)) return false;
    if (rules_.policy.opt_method == greylist::OptMethod::none) return true;
    return greylist::decide(decision.triplet, known, now, rules_.policy, decision.flags).verdict !=
           greylist::Verdict::opted_out;
}

// Empty for mail without a sender: bounces of all hosts look the same.
std::string Ladders::letter_of(const Decision& decision) const {
    if (rules_.policy.pool_unproven_retries == 0) return {};
    if (mail::domain_after_first_at(decision.attempt.sender).empty()) return {};
    return greylist::row_of_letter(decision.triplet, {}).sender_name;
}

// Rows of pools still count after pools were turned off, so that nobody has to wait again.
std::vector<Elsewhere> Ladders::elsewhere(const Decision& decision) const {
    const policy::Attempt& attempt = decision.attempt;
    if (!attempt.client || !rules_.pools) return {};  // without a client: explaining a row of connect
    if (!rules_.pools_on) {
        if (!pools_.are_remembered) return {};
        const std::string pool = pool_identity(attempt, rules_);
        if (pool.empty() || is_crowd(pool)) return {};
        std::vector<Elsewhere> asked{{under(pool, decision.triplet), {}}};
        asked.back().triplet.count_client = false;
        return asked;
    }
    if (has_no_name(attempt))
        return {{under({}, decision.triplet), network_of(attempt, rules_), letter_of(decision)}};
    if (decision.pool.empty() || is_crowd(decision.pool)) {
        const std::string letter = letter_of(decision);
        if (letter.empty()) return {};
        return {{decision.triplet, network_of(attempt, rules_), letter}};
    }
    std::vector<Elsewhere> asked{{under(decision.client, decision.triplet), network_of(attempt, rules_)}};
    const std::string unnamed = identity_by_name(attempt, unverified, rules_);
    if (unnamed != decision.client) {
        asked.push_back({under(unnamed, decision.triplet), {}});
        asked.back().triplet.count_client = false;
    }
    return asked;
}

void Ladders::add_facts(std::span<Decision* const> batch, const std::vector<std::size_t>& strangers,
                        greylist::Facts& facts) const {
    std::vector<std::size_t> indexes;
    std::vector<greylist::FactQuestion> questions;
    for (const std::size_t index : strangers) {
        if (!batch[index]->attempt.client) continue;  // explaining a row of connect
        indexes.push_back(index);
        questions.push_back(fact_question(*batch[index], rules_));
    }
    if (questions.empty()) return;
    std::vector<greylist::ClientFacts> found = store_.look_up_facts(questions);
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        if (batch[indexes[i]]->lists) consider_p0f(*batch[indexes[i]], found[i], rules_);
        facts.known[indexes[i]].facts = std::move(found[i]);
    }
}

std::optional<Elsewhere> Ladders::under_domain(const Decision& decision, const Known& known) const {
    if (!rules_.policy.spf_identity || !known.facts || !known.facts->spf_covers) return {};
    const std::string domain = fact_subject(decision, rules_).domain;
    if (domain.empty()) return {};
    Elsewhere asked{under(greylist::domain_identity(domain), decision.triplet), {}};
    asked.triplet.count_client = false;
    return asked;
}

std::vector<std::optional<Ladder>> Ladders::of_strangers(std::span<Decision* const> batch,
                                                         greylist::Facts& facts) {
    std::vector<std::size_t> strangers;
    for (std::size_t i = 0; i < batch.size(); ++i)
        if (is_stranger(*batch[i], facts.known[i], facts.now)) strangers.push_back(i);
    if (rules_.enrich) add_facts(batch, strangers, facts);
    std::erase_if(strangers, [&](std::size_t i) { return batch[i]->by_list || !batch[i]->flags.suspicious; });

    std::vector<Question> questions;
    std::vector<Elsewhere> asked;
    for (const std::size_t i : strangers) {
        const std::vector<Elsewhere> of_one = elsewhere(*batch[i]);
        const std::optional<Elsewhere> of_domain = under_domain(*batch[i], facts.known[i]);
        if (of_one.empty() && !of_domain) continue;
        questions.push_back({i, asked.size(), of_one.size(), of_domain.has_value()});
        asked.insert(asked.end(), of_one.begin(), of_one.end());
        if (of_domain) asked.push_back(*of_domain);
    }
    std::vector<std::optional<Ladder>> ladders(batch.size());
    if (asked.empty()) return ladders;
    const std::vector<FoundElsewhere> found = store_.look_up_elsewhere(asked, rules_.policy);
    for (const auto& [index, first, count, has_domain] : questions) {
        const Decision& decision = *batch[index];
        const Known& known = facts.known[index];
        std::optional<Ladder>& ladder = ladders[index];
        if (count > 0)
            ladder = ladder_of(decision, known, Asked{asked}.subspan(first, count),
                               Found{found}.subspan(first, count), facts.now);
        if (!has_domain) continue;
        if (!ladder) ladder = Ladder{{decision.triplet, known}};
        ladder->others.push_back({asked[first + count].triplet, found[first + count].known, false, true});
    }
    return ladders;
}

std::optional<Ladder> Ladders::ladder_of(const Decision& decision, const Known& known, Asked asked,
                                         Found found, base::Time now) const {
    if (asked.front().triplet.src.empty())
        return of_network(decision, known, asked.front(), found.front(), now);
    if (!asked.front().letter.empty()) return of_letter(decision, known, asked.front(), found.front(), now);
    return of_member(decision, known, asked, found, now);
}

Ladder Ladders::of_member(const Decision& decision, const Known& known, Asked asked, Found found,
                          base::Time now) const {
    Ladder ladder{{decision.triplet, known}};
    for (std::size_t i = 0; i < asked.size(); ++i)
        ladder.others.push_back({asked[i].triplet, found[i].known, asked[i].triplet.src == decision.client});
    if (asked.front().network.empty()) return ladder;
    if (!is_fresh(found.front(), now, greylist::pool_memory_step) ||
        (!found.front().pool.empty() && found.front().pool != decision.pool)) {
        const std::string evidence =
            rules_.privacy ? std::string{} : greylist::storable(decision.attempt.client_name, max_evidence);
        ladder.memory = greylist::RememberPool{decision.pool, asked.front().network, evidence, now};
    }
    return ladder;
}

// For a client without a verified name, whose network may be remembered for a pool.
std::optional<Ladder> Ladders::of_network(const Decision& decision, const Known& known,
                                          const Elsewhere& asked, const FoundElsewhere& found,
                                          base::Time now) const {
    if (found.pool.empty() || is_crowd(found.pool) || !is_fresh(found, now, greylist::pool_memory))
        return of_letter(decision, known, asked, found, now);
    Ladder ladder{{under(found.pool, asked.triplet), found.known}, {{decision.triplet, known, true}}, false};
    ladder.home.known.opted = known.opted;
    ladder.home.known.expected_until = known.expected_until;
    ladder.home.known.retries = known.retries;
    ladder.home.known.facts = known.facts;
    return ladder;
}

// For a client without a pool.
std::optional<Ladder> Ladders::of_letter(const Decision& decision, const Known& known, const Elsewhere& asked,
                                         const FoundElsewhere& found, base::Time now) const {
    if (asked.letter.empty()) return {};
    Ladder ladder{{decision.triplet, known, true}};
    ladder.letter = greylist::row_of_letter(decision.triplet, asked.network);
    for (const FoundElsewhere::Network& one : found.of_letter) {
        if (one.first_seen > now || one.first_seen < now - rules_.policy.max_connect_age) continue;
        std::optional<greylist::Unproven>& letter = ladder.home.known.unproven;
        if (!letter) letter = greylist::Unproven{one.first_seen};
        letter->first = std::min(letter->first, one.first_seen);
        ++letter->networks;
        if (one.network == asked.network) letter->has_network = true;
    }
    return ladder;
}

}  // namespace sqlgrey::service
