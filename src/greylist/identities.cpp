#include "sqlgrey/greylist/identities.hpp"

#include "rules.hpp"
#include "sqlgrey/base/digest.hpp"
#include "sqlgrey/net/pool.hpp"

#include <algorithm>

namespace sqlgrey::greylist {
namespace {

// The rows that count, and the rungs they come from; null: the home rung.
struct Combined {
    Known known;
    const Rung* of_domain_awl = nullptr;
    const Rung* of_from_awl = nullptr;
};

bool counts(const std::optional<Seen>& row, base::Time now, const Policy& policy) {
    return row && awl_row_counts(row->last, now, policy);
}

bool counts(std::optional<base::Time> first_attempt, base::Time now, const Policy& policy) {
    return first_attempt && *first_attempt <= now && *first_attempt >= now - policy.max_connect_age;
}

void take_counts_of_client(Known& known, const Known& client) {
    known.src_connect = client.src_connect;
    known.src_domain_awl = client.src_domain_awl;
    known.src_from_awl = client.src_from_awl;
    known.client_awl = client.client_awl;
}

Combined combined(const Ladder& ladder, base::Time now, const Policy& policy) {
    Combined all{ladder.home.known};
    Known& best = all.known;
    for (const Rung& rung : ladder.others) {
        const Known& other = rung.known;
        if (counts(other.domain_awl, now, policy) && !counts(best.domain_awl, now, policy)) {
            best.domain_awl = other.domain_awl;
            all.of_domain_awl = &rung;
        }
        if (counts(other.from_awl, now, policy) && !counts(best.from_awl, now, policy)) {
            best.from_awl = other.from_awl;
            all.of_from_awl = &rung;
        }
        if (counts(other.connect, now, policy) &&
            (!counts(best.connect, now, policy) || *other.connect < *best.connect))
            best.connect = other.connect;
        if (rung.is_client) take_counts_of_client(best, other);
    }
    return all;
}

Change put_from_awl(const Rung& rung, base::Time first_seen, base::Time now) {
    const Triplet& t = rung.triplet;
    return PutFromAwl{
        t.src, t.sender_domain, t.deverped, first_seen, now, t.own_hashes, rung.known.from_awl.has_value()};
}

void touch_under(const Rung& rung, Outcome& outcome) {
    for (Change& change : outcome.changes) {
        if (auto* touch = std::get_if<TouchDomainAwl>(&change)) touch->src = rung.triplet.src;
        if (auto* touch = std::get_if<TouchFromAwl>(&change)) touch->src = rung.triplet.src;
    }
}

// A row of `rung` has let the sender pass: it is written at home too. It is only touched if !is_verified, or
// if DNS blacklists have the client. That of a domain is also touched, because clients yet unknown will need
// it.
void inherit(Outcome& outcome, const Ladder& ladder, const Rung& rung, base::Time now, const Policy& policy) {
    const Triplet& home = ladder.home.triplet;
    touch_under(rung, outcome);
    if (!ladder.is_verified || is_listed(ladder.home.known, policy)) return;
    if (!rung.is_domain) outcome.changes.clear();
    if (outcome.verdict == Verdict::domain_awl)
        outcome.changes.emplace_back(PutDomainAwl{home.src, home.sender_domain, outcome.row->first, now});
    else
        outcome.changes.push_back(put_from_awl(ladder.home, outcome.row->first, now));
}

// When the triplet was first seen under that identity; nothing if it is not promoted there.
std::optional<base::Time> first_seen_under(const Rung& rung, const Outcome& outcome, base::Time now,
                                           const Policy& policy) {
    if (counts(rung.known.connect, now, policy)) return rung.known.connect;
    if (rung.is_domain && !counts(rung.known.from_awl, now, policy)) return outcome.row->first;
    return {};
}

// The triplet has passed: promotes it under every other identity it has waited under, which deletes those
// rows of connect, and under that of the domain, for its clients yet unknown. Not if it is not promoted at
// home.
void leave(Outcome& outcome, const Ladder& ladder, base::Time now, const Policy& policy) {
    if (outcome.changes.empty()) return;
    for (const Rung& rung : ladder.others)
        if (const auto first_seen = first_seen_under(rung, outcome, now, policy))
            outcome.changes.push_back(put_from_awl(rung, *first_seen, now));
}

// Writes a first attempt under the domain's identity too, and for connect_src_throttle under the client's
// own.
void wait_elsewhere(Outcome& outcome, const Ladder& ladder, base::Time now, const Policy& policy) {
    for (const Rung& rung : ladder.others)
        if (rung.is_domain || (rung.is_client && policy.connect_src_throttle > 0))
            outcome.changes.emplace_back(
                PutConnect{rung.triplet, now, now - policy.max_connect_age, rung.known.connect.has_value()});
}

// True if the client's network is to be noted: once, at the first attempt or after reconnect_delay, and no
// more networks than needed.
bool must_note(const Known& known, base::Time now, const Policy& policy) {
    if (!known.unproven) return true;
    const Unproven& letter = *known.unproven;
    return !letter.has_network && letter.first < now - delay_of(known, policy) &&
           letter.networks <= policy.pool_unproven_retries;
}

void note_network(Outcome& outcome, const Ladder& ladder, base::Time now, const Policy& policy) {
    const bool waits =
        outcome.verdict == Verdict::first_attempt || outcome.verdict == Verdict::early_reconnect;
    if (!waits && outcome.rule != unproven_retries) return;
    if (outcome.rule == survived_tarpit) return;  // the recipients have noted it
    if (must_note(ladder.home.known, now, policy))
        outcome.changes.emplace_back(PutConnect{*ladder.letter, now, now - policy.max_connect_age});
}

// An earlier request of the batch may have noted a network for the same letter.
bool learn_of_letter(const Outcome& outcome, Ladder& ladder) {
    bool is_changed = false;
    for (const Change& change : outcome.changes) {
        const auto* put = std::get_if<PutConnect>(&change);
        if (!put || put->triplet.src != src_of_letters ||
            put->triplet.sender_domain != ladder.letter->sender_domain ||
            put->triplet.sender_name != ladder.letter->sender_name)
            continue;
        std::optional<Unproven>& letter = ladder.home.known.unproven;
        if (!letter) letter = Unproven{put->now};
        ++letter->networks;
        if (put->triplet.rcpt == ladder.letter->rcpt) letter->has_network = true;
        is_changed = true;
    }
    return is_changed;
}

void count_client(Outcome& outcome, const Ladder& ladder) {
    const auto client = std::ranges::find(ladder.others, true, &Rung::is_client);
    if (client == ladder.others.end()) return;
    for (Change& change : outcome.changes) {
        if (auto* count = std::get_if<CountRetry>(&change)) count->src = client->triplet.src;
        if (auto* touch = std::get_if<TouchClientAwl>(&change)) touch->src = client->triplet.src;
    }
}

Triplet second_row(const std::string& sender_domain, const std::string& letter, const std::string& rcpt) {
    constexpr std::size_t digits = 40;
    return {std::string{src_of_letters}, sender_domain, base::sha256(letter).substr(0, digits), {}, rcpt};
}

}  // namespace

Outcome decide(const Ladder& ladder, base::Time now, const Policy& policy, const RequestFlags& flags) {
    const Triplet& home = ladder.home.triplet;
    if (ladder.others.empty() && !ladder.memory && !ladder.letter)
        return decide(home, ladder.home.known, now, policy, flags);
    const Combined all = combined(ladder, now, policy);
    Outcome outcome = decide(home, all.known, now, policy, flags);
    if (outcome.verdict == Verdict::domain_awl && all.of_domain_awl)
        inherit(outcome, ladder, *all.of_domain_awl, now, policy);
    if (outcome.verdict == Verdict::from_awl && all.of_from_awl)
        inherit(outcome, ladder, *all.of_from_awl, now, policy);
    if (outcome.verdict == Verdict::reconnect_ok || outcome.verdict == Verdict::dnswl)
        leave(outcome, ladder, now, policy);
    if (outcome.verdict == Verdict::first_attempt) wait_elsewhere(outcome, ladder, now, policy);
    count_client(outcome, ladder);
    if (ladder.memory && !outcome.changes.empty()) {
        outcome.changes.emplace_back(*ladder.memory);
        std::get<RememberPool>(outcome.changes.back()).now = now;
    }
    if (ladder.letter) note_network(outcome, ladder, now, policy);
    return outcome;
}

std::string domain_identity(std::string_view sender_domain) {
    return net::identity_of_domain(domain_mark, sender_domain);
}

Triplet row_of_letter(const Triplet& letter, const std::string& network) {
    const std::string both = letter.sender_name + '\0' + letter.rcpt;
    return second_row(letter.sender_domain, both, network);
}

Triplet row_of_retry(const Triplet& letter, base::Time when) {
    const std::string both = letter.sender_name + '\0' + letter.rcpt + '\0';
    return second_row(letter.sender_domain, both, std::to_string(minute_of(when)));
}

std::int64_t minute_of(base::Time when) {
    return base::epoch(when) / 60;
}

bool is_second_row(std::string_view src) {
    return src == src_of_letters || src.starts_with(domain_mark);
}

Known known_of(const Ladder& ladder, base::Time now, const Policy& policy) {
    return combined(ladder, now, policy).known;
}

const Triplet& waiting_triplet(const Ladder& ladder, const Outcome& outcome) {
    if (outcome.verdict != Verdict::early_reconnect || !outcome.row) return ladder.home.triplet;
    const auto holds_row = [&](const Rung& rung) { return rung.known.connect == outcome.row->first; };
    if (holds_row(ladder.home)) return ladder.home.triplet;
    const auto found = std::ranges::find_if(ladder.others, holds_row);
    return found == ladder.others.end() ? ladder.home.triplet : found->triplet;
}

Affected apply(const Outcome& outcome, Ladder& ladder) {
    Affected most = apply(outcome, ladder.home.triplet, ladder.home.known);
    for (Rung& rung : ladder.others) most = std::max(most, apply(outcome, rung.triplet, rung.known));
    if (ladder.letter && learn_of_letter(outcome, ladder)) most = Affected::triplet;
    return most;
}

}  // namespace sqlgrey::greylist
