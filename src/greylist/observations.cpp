// The values each rule depends on, for explain().
#include "rules.hpp"

namespace sqlgrey::greylist {
namespace {

Observation observed(std::string_view name, long long value) {
    return {name, value};
}
Observation observed(std::string_view name, base::Time value) {
    return {name, base::epoch(value)};
}
Observation observed(std::string_view name, base::Seconds value) {
    return {name, value.count()};
}
// From 0, no trust, to 3.
Observation observed(std::string_view name, Trust value) {
    return {name, static_cast<long long>(value)};
}
template <typename Value>
Observation observed(std::string_view name, const std::optional<Value>& value) {
    if (!value) return {name, {}};
    return observed(name, *value);
}

std::optional<base::Time> last_seen(const std::optional<Seen>& row) {
    if (!row) return {};
    return row->last;
}

// What delay_of() depends on: without facts, reconnect_delay alone.
void observe_delay(Observations& saw, const Situation& s) {
    saw.push_back(observed("reconnect_delay", s.policy.reconnect_delay));
    if (!s.known.facts) return;
    saw.push_back(observed("dnsbl", static_cast<long long>(s.known.facts->dnsbl)));
    saw.push_back(observed("dnsbl_threshold", static_cast<long long>(s.policy.dnsbl_threshold)));
    saw.push_back(observed("dnsbl_delay", s.policy.dnsbl_delay));
    saw.push_back(observed("spf_fail", s.known.facts->spf == spf::Verdict::fail));
    saw.push_back(observed("spf_fail_delay", s.policy.spf_fail_delay));
}

}  // namespace

Observations observe_opt_method(const Situation& s) {
    return {observed("optin", s.policy.opt_method == OptMethod::optin),
            observed("optout", s.policy.opt_method == OptMethod::optout),
            observed("in_domain", s.known.opted.in_domain),
            observed("in_email", s.known.opted.in_email),
            observed("out_domain", s.known.opted.out_domain),
            observed("out_email", s.known.opted.out_email)};
}

Observations observe_discrimination(const Situation& s) {
    return {observed("suspicious", s.flags.suspicious)};
}

Observations observe_domain_awl(const Situation& s) {
    return {observed("never_awl", s.flags.never_awl), observed("last_seen", last_seen(s.known.domain_awl)),
            observed("now", s.now), observed("awl_age", s.policy.awl_age)};
}

Observations observe_from_awl(const Situation& s) {
    return {observed("never_awl", s.flags.never_awl), observed("last_seen", last_seen(s.known.from_awl)),
            observed("now", s.now), observed("awl_age", s.policy.awl_age)};
}

Observations observe_client_awl(const Situation& s) {
    std::optional<long long> retries;
    std::optional<base::Time> last;
    if (const auto& client = s.known.client_awl) {
        retries = client->count;
        last = client->last_seen;
    }
    return {observed("never_awl", s.flags.never_awl),
            observed("retries", retries),
            observed("auto_whitelist_clients", s.policy.auto_whitelist_clients),
            observed("last_seen", last),
            observed("now", s.now),
            observed("awl_age", s.policy.awl_age)};
}

Observations observe_dnswl(const Situation& s) {
    const auto& facts = s.known.facts;
    return {observed("never_awl", s.flags.never_awl), observed("dnswl", facts ? facts->dnswl : std::nullopt),
            observed("dnswl_pass", s.policy.dnswl_pass), observed("first_seen", s.known.connect),
            observed("now", s.now)};
}

Observations observe_connect(const Situation& s) {
    Observations saw{observed("first_seen", s.known.connect), observed("now", s.now)};
    observe_delay(saw, s);
    saw.push_back(observed("max_connect_age", s.policy.max_connect_age));
    if (s.policy.retry_count == 1) return saw;
    saw.push_back(observed("retries", static_cast<long long>(s.known.retries.count)));
    saw.push_back(observed("retry_count", static_cast<long long>(s.policy.retry_count)));
    return saw;
}

Observations observe_unproven_retries(const Situation& s) {
    const auto& letter = s.known.unproven;
    Observations saw{observed("pool_unproven_retries", s.policy.pool_unproven_retries),
                     observed("letter_first_seen", letter ? std::optional{letter->first} : std::nullopt),
                     observed("networks", letter ? std::optional<long long>{letter->networks} : std::nullopt),
                     observed("now", s.now)};
    observe_delay(saw, s);
    return saw;
}

Observations observe_expected(const Situation& s) {
    return {observed("expected_until", s.known.expected_until), observed("now", s.now)};
}

Observations observe_survived_tarpit(const Situation& s) {
    return {observed("survived_tarpit", s.flags.survived_tarpit)};
}

Observations observe_message_accepted(const Situation& s) {
    return {observed("message_accepted", s.flags.message_accepted)};
}

Observations observe_source(const Situation& s) {
    return {observed("connect_src_throttle", s.policy.connect_src_throttle),
            observed("waiting_triplets", s.known.src_connect),
            observed("known_domains", s.known.src_domain_awl),
            observed("known_senders", s.known.src_from_awl)};
}

}  // namespace sqlgrey::greylist
