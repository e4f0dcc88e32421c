// When each rule answers, and what it writes.
#include "rules.hpp"

#include "sqlgrey/greylist/identities.hpp"
#include "sqlgrey/mail/address.hpp"

#include <algorithm>
#include <utility>

namespace sqlgrey::greylist {
namespace {

// A last_seen in the future, left by a clock that ran ahead, is brought back, or the row would live longer.
bool worth_touching(base::Time last_seen, base::Time now) {
    return now - last_seen >= touch_step || last_seen - now >= touch_step;
}

// Passes if the auto-whitelist's row counts, and touches the row.
Answer by_awl(Verdict verdict, const std::optional<Seen>& row, const Situation& s, const auto& touch) {
    if (s.flags.never_awl || !row || !awl_row_counts(row->last, s.now, s.policy)) return {};
    Outcome outcome{verdict, {}, row};
    if (worth_touching(row->last, s.now)) outcome.changes.emplace_back(touch());
    return outcome;
}

// When the triplet was first seen. A time in the future would defer it until then, so it counts as absent.
std::optional<base::Time> first_attempt_of(const Situation& s) {
    if (s.known.connect && *s.known.connect > s.now) return {};
    return s.known.connect;
}

bool is_early(base::Time first_attempt, const Situation& s) {
    return first_attempt >= s.now - delay_of(s.known, s.policy);
}

bool is_expired(base::Time first_attempt, const Situation& s) {
    return first_attempt < s.now - s.policy.max_connect_age;
}

// True if this minute's retry is counted already.
bool is_counted(const Situation& s) {
    const Retries& retries = s.known.retries;
    return retries.last && minute_of(*retries.last) == minute_of(s.now);
}

// With this one.
bool lacks_retries(const Situation& s) {
    return s.known.retries.count + (is_counted(s) ? 0 : 1) < s.policy.retry_count;
}

Seen row_of_connect(base::Time first_seen) {
    return {first_seen, first_seen};
}

// Deferred until the delay is over. `left` is at least 1 s: times are whole seconds, and a retry after
// exactly the delay is still early.
void defer(Outcome& outcome, base::Time first_seen, const Situation& s) {
    outcome.delay = delay_of(s.known, s.policy);
    outcome.left = std::max(first_seen + outcome.delay - s.now, base::Seconds{1});
}

// A triplet that passes earns its sender a row in from_awl or, if enough senders of the domain have one, the
// domain a row in domain_awl, and its client a retry in client_awl.
void promote(Outcome& outcome, base::Time first_seen, const Situation& s) {
    if (s.flags.never_awl || is_listed(s.known, s.policy)) return;
    const Triplet& t = s.triplet;
    if (s.policy.group_domain_level > 0 && s.known.senders_known + 1 >= s.policy.group_domain_level) {
        const base::Time oldest = std::min(first_seen, s.known.oldest_sender.value_or(first_seen));
        outcome.changes.emplace_back(PutDomainAwl{t.src, t.sender_domain, oldest, s.now});
    } else {
        outcome.changes.emplace_back(PutFromAwl{t.src, t.sender_domain, t.deverped, first_seen, s.now,
                                                t.own_hashes, s.known.from_awl.has_value()});
    }
    if (s.policy.auto_whitelist_clients > 0)
        outcome.changes.emplace_back(CountRetry{t.src, s.now, s.now - s.policy.awl_age});
}

}  // namespace

bool waits_longer(const Known& known, const Policy& policy) {
    return delay_of(known, policy) > policy.reconnect_delay;
}

Answer answer_opt_method(const Situation& s) {
    const Opted& opted = s.known.opted;
    const bool greylisted_in = (opted.in_domain && !opted.out_email) || opted.in_email;
    const bool excluded_out = (opted.out_domain && !opted.in_email) || opted.out_email;
    if (s.policy.opt_method == OptMethod::optin && !greylisted_in) return Outcome{Verdict::opted_out};
    if (s.policy.opt_method == OptMethod::optout && excluded_out) return Outcome{Verdict::opted_out};
    return {};
}

Answer answer_discrimination(const Situation& s) {
    if (s.flags.suspicious) return {};
    return Outcome{Verdict::unsuspicious};
}

Answer answer_domain_awl(const Situation& s) {
    const Triplet& t = s.triplet;
    return by_awl(Verdict::domain_awl, s.known.domain_awl, s, [&] {
        return TouchDomainAwl{t.src, t.sender_domain, s.now};
    });
}

Answer answer_from_awl(const Situation& s) {
    const Triplet& t = s.triplet;
    return by_awl(Verdict::from_awl, s.known.from_awl, s, [&] {
        return TouchFromAwl{t.src, t.sender_domain, t.deverped, s.now};
    });
}

Answer answer_client_awl(const Situation& s) {
    const auto& client = s.known.client_awl;
    if (s.policy.auto_whitelist_clients == 0 || !client) return {};
    if (client->count < s.policy.auto_whitelist_clients) return {};
    return by_awl(Verdict::client_awl, Seen{client->last_counted, client->last_seen}, s, [&] {
        return TouchClientAwl{s.triplet.src, s.now};
    });
}

// If the triplet waits, it is promoted, so that nothing waits any more.
Answer answer_dnswl(const Situation& s) {
    if (s.flags.never_awl || !is_trusted(s.known, s.policy)) return {};
    const auto first = first_attempt_of(s);
    if (!first || is_expired(*first, s)) return Outcome{Verdict::dnswl};
    Outcome outcome{Verdict::dnswl, {}, row_of_connect(*first)};
    promote(outcome, *first, s);
    return outcome;
}

// After the recipients, so the triplet need not be known: what passes is the sender. That its client must
// wait for longer than others may have been found out while it waited in the tarpit.
Answer answer_survived_tarpit(const Situation& s) {
    if (!s.flags.survived_tarpit) return {};
    const base::Time first = s.now - s.policy.tarpit;
    if (waits_longer(s.known, s.policy)) {
        Outcome outcome{Verdict::early_reconnect, {}, row_of_connect(first)};
        defer(outcome, first, s);
        return outcome;
    }
    Outcome outcome{Verdict::reconnect_ok, {}, row_of_connect(first)};
    outcome.waited = s.policy.tarpit;
    promote(outcome, first, s);
    return outcome;
}

Answer answer_reconnect_ok(const Situation& s) {
    const auto first = first_attempt_of(s);
    if (!first || is_early(*first, s) || is_expired(*first, s) || lacks_retries(s)) return {};
    Outcome outcome{Verdict::reconnect_ok, {}, row_of_connect(*first)};
    outcome.waited = s.now - *first;
    promote(outcome, *first, s);
    return outcome;
}

Answer answer_unproven_retries(const Situation& s) {
    if (s.policy.pool_unproven_retries == 0 || !s.known.unproven) return {};
    const Unproven& letter = *s.known.unproven;
    if (is_early(letter.first, s)) return {};
    const std::int64_t others = letter.networks - (letter.has_network ? 1 : 0);
    if (others < s.policy.pool_unproven_retries) return {};
    Outcome outcome{Verdict::reconnect_ok, {}, row_of_connect(letter.first)};
    outcome.waited = s.now - letter.first;
    return outcome;
}

Answer answer_expected(const Situation& s) {
    if (!s.known.expected_until || *s.known.expected_until <= s.now) return {};
    return Outcome{Verdict::expected};
}

Answer answer_message_accepted(const Situation& s) {
    if (!s.flags.message_accepted) return {};
    return Outcome{Verdict::message_accepted};
}

Answer answer_early_reconnect(const Situation& s) {
    const auto first = first_attempt_of(s);
    if (!first || is_expired(*first, s)) return {};
    const bool counts = !is_early(*first, s);
    if (counts && !lacks_retries(s)) return {};
    Outcome outcome{Verdict::early_reconnect, {}, row_of_connect(*first)};
    defer(outcome, *first, s);
    if (!counts) return outcome;
    outcome.left = base::Time{base::Seconds{60 * (minute_of(s.now) + 1)}} - s.now;
    if (!is_counted(s))
        outcome.changes.emplace_back(
            PutConnect{row_of_retry(s.triplet, s.now), s.now, s.now - s.policy.max_connect_age});
    return outcome;
}

Answer answer_throttled(const Situation& s) {
    const long long limit = s.policy.connect_src_throttle;
    const bool is_new = s.known.src_domain_awl == 0 && s.known.src_from_awl < limit;
    if (limit <= 0 || !is_new || s.known.src_connect < limit) return {};
    return Outcome{Verdict::throttled};
}

Answer answer_first_attempt(const Situation& s) {
    Outcome outcome{Verdict::first_attempt};
    defer(outcome, s.now, s);
    outcome.changes.emplace_back(
        PutConnect{s.triplet, s.now, s.now - s.policy.max_connect_age, s.known.connect.has_value()});
    return outcome;
}

}  // namespace sqlgrey::greylist
