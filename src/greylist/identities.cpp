#include "sqlgrey/greylist/identities.hpp"

#include <algorithm>

namespace sqlgrey::greylist {
namespace {

// The rows that count, and whose they are; null: the home rung's.
struct Combined {
    Known known;
    const Rung* of_domain_awl = nullptr;
    const Rung* of_from_awl = nullptr;
    const Rung* of_connect = nullptr;
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
            (!counts(best.connect, now, policy) || *other.connect < *best.connect)) {
            best.connect = other.connect;
            all.of_connect = &rung;
        }
        if (rung.is_client) take_counts_of_client(best, other);
    }
    return all;
}

Change put_from_awl(const Triplet& t, base::Time first_seen, base::Time now) {
    return PutFromAwl{t.src, t.sender_domain, t.deverped, first_seen, now, t.own_hashes};
}

// A row of `rung` has let the sender pass.
void inherit(Outcome& outcome, const Ladder& ladder, const Rung& rung, base::Time now) {
    const Triplet& home = ladder.home.triplet;
    if (!ladder.is_verified) {
        for (Change& change : outcome.changes) {
            if (auto* touch = std::get_if<TouchDomainAwl>(&change)) touch->src = rung.triplet.src;
            if (auto* touch = std::get_if<TouchFromAwl>(&change)) touch->src = rung.triplet.src;
        }
        return;
    }
    if (outcome.verdict == Verdict::domain_awl)
        outcome.changes = {PutDomainAwl{home.src, home.sender_domain, outcome.row->first, now}};
    else
        outcome.changes = {put_from_awl(home, outcome.row->first, now)};
    outcome.replaces_row = outcome.verdict == Verdict::from_awl && ladder.home.known.from_awl.has_value();
}

// A row of `rung` was the first attempt of a triplet that was accepted.
void leave(Outcome& outcome, const Rung& rung, base::Time now) {
    if (outcome.changes.empty()) return;  // never auto-whitelisted: the row stays
    outcome.changes.push_back(put_from_awl(rung.triplet, outcome.row->first, now));
}

void count_client(Outcome& outcome, const Ladder& ladder) {
    const auto client = std::ranges::find(ladder.others, true, &Rung::is_client);
    if (client == ladder.others.end()) return;
    for (Change& change : outcome.changes) {
        if (auto* count = std::get_if<CountRetry>(&change)) count->src = client->triplet.src;
        if (auto* touch = std::get_if<TouchClientAwl>(&change)) touch->src = client->triplet.src;
    }
}

}  // namespace

Outcome decide(const Ladder& ladder, base::Time now, const Policy& policy, const RequestFlags& flags) {
    const Triplet& home = ladder.home.triplet;
    if (ladder.others.empty() && !ladder.memory) return decide(home, ladder.home.known, now, policy, flags);
    const Combined all = combined(ladder, now, policy);
    Outcome outcome = decide(home, all.known, now, policy, flags);
    if (outcome.verdict == Verdict::domain_awl && all.of_domain_awl)
        inherit(outcome, ladder, *all.of_domain_awl, now);
    if (outcome.verdict == Verdict::from_awl && all.of_from_awl)
        inherit(outcome, ladder, *all.of_from_awl, now);
    if (outcome.verdict == Verdict::reconnect_ok && all.of_connect) leave(outcome, *all.of_connect, now);
    count_client(outcome, ladder);
    if (ladder.memory && !outcome.changes.empty()) {
        outcome.changes.emplace_back(*ladder.memory);
        std::get<RememberPool>(outcome.changes.back()).now = now;
    }
    return outcome;
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

void apply(const Outcome& outcome, Ladder& ladder) {
    apply(outcome, ladder.home.triplet, ladder.home.known);
    for (Rung& rung : ladder.others) apply(outcome, rung.triplet, rung.known);
}

}  // namespace sqlgrey::greylist
