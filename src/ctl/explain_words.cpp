#include "explain_words.hpp"

#include "rows.hpp"
#include "sqlgrey/log/logger.hpp"

#include <algorithm>

namespace sqlgrey::ctl {

using greylist::Verdict;
using service::Explanation;
using service::Rules;

std::string in_words(base::Seconds time) {
    struct Unit {
        const char* name;
        std::int64_t seconds;
    };
    constexpr Unit units[] = {{"day", 86'400}, {"hour", 3'600}, {"minute", 60}, {"second", 1}};
    std::int64_t left = std::max<std::int64_t>(time.count(), 0);
    std::string text;
    int shown = 0;
    for (const Unit& unit : units) {
        const std::int64_t count = left / unit.seconds;
        left %= unit.seconds;
        if (shown > 0) ++shown;
        if (shown > 2) break;
        if (count == 0) continue;
        shown = std::max(shown, 1);
        text += (text.empty() ? "" : " ") + std::to_string(count) + " " + unit.name + (count == 1 ? "" : "s");
    }
    return text.empty() ? "0 seconds" : text;
}

std::string moment(base::Time time, base::Time now) {
    const std::string distance = time > now ? "in " + in_words(time - now) : in_words(now - time) + " ago";
    return rfc3339(time) + " (" + distance + ")";
}

namespace {

std::string entry_in_words(const Explanation& found) {
    if (!found.outcome.entry) return "a list has an entry for it";
    const lists::EntryRef& by = *found.outcome.entry;
    return std::string{lists::text_of(by.list)} + " has an entry for it: " + std::string{by.source} +
           (by.is_row ? ", row " : ", line ") + std::to_string(by.line);
}

std::string throttle_in_words(const Explanation& found, const Rules& rules) {
    const greylist::Known& known = found.facts->known.front();
    return "the client has " + std::to_string(known.src_connect) + " waiting triplets, and only " +
           std::to_string(known.src_from_awl) +
           " known senders (connect_src_throttle = " + std::to_string(rules.policy.connect_src_throttle) +
           "). It waits until some of them pass or expire";
}

// The setting that the delay comes from; and if it is not reconnect_delay, why it applies.
struct Delay {
    const char* setting;
    std::string why{};
};

Delay delay_of(const Explanation& found, const Rules& rules) {
    const greylist::Known& known = found.facts->known.front();
    const base::Seconds delay = found.outcome.delay;
    if (delay <= rules.policy.reconnect_delay) return {"reconnect_delay"};
    if (greylist::is_listed(known, rules.policy) && delay == rules.policy.dnsbl_delay)
        return {"dnsbl_delay", "the client is on " + known.facts->dnsbl_zones};
    return {"spf_fail_delay", "the SPF record of the sender's domain excludes the client"};
}

std::string early_in_words(const Explanation& found, const Rules& rules) {
    const auto [setting, reason] = delay_of(found, rules);
    const base::Time first = found.outcome.row->first;
    const std::string since = "its first attempt was " + moment(first, found.facts->now) + ", and ";
    if (first + found.outcome.delay < found.facts->now)
        return since + "of the " + std::to_string(rules.policy.retry_count) +
               " retries that retry_count wants " + std::to_string(found.facts->known.front().retries.count) +
               " came before";
    return since + setting + " is " + in_words(found.outcome.delay) +
           (reason.empty() ? "" : " (" + reason + ")");
}

std::string which_retry(const Rules& rules) {
    if (rules.policy.retry_count == 1) return " A retry passes ";
    return " Retry number " + std::to_string(rules.policy.retry_count) +
           " (retry_count) of those passes that come ";
}

std::string first_attempt_in_words(const Explanation& found, const Rules& rules) {
    const auto& connect = found.facts->known.front().connect;
    const auto [setting, reason] = delay_of(found, rules);
    const std::string retry = which_retry(rules) + in_words(found.outcome.delay) + " after it (" + setting +
                              (reason.empty() ? "" : ": " + reason) + ")";
    if (!connect) return "no attempt of it is known, so it would be the first one." + retry;
    return "its earlier attempt of " + rfc3339(*connect) +
           " no longer counts (max_connect_age), so it would be the first one." + retry;
}

}  // namespace

std::string why(const Explanation& found, const Rules& rules) {
    switch (found.outcome.verdict) {
        case Verdict::not_a_policy_request:
        case Verdict::unusable:
            return "without a client address and a recipient nothing is decided";
        case Verdict::whitelisted:
        case Verdict::blacklisted:
            return entry_in_words(found);
        case Verdict::opted_out:
            return "the recipient wants no greylisting (optmethod)";
        case Verdict::unsuspicious:
            return "no rule of discrimination.regexp marks it";
        case Verdict::domain_awl:
            return "the sender's domain is auto-whitelisted at this client";
        case Verdict::from_awl:
            return "the sender is auto-whitelisted at this client";
        case Verdict::client_awl:
            return "the client is auto-whitelisted";
        case Verdict::dnswl:
            return "a DNS whitelist has the client with trust " +
                   std::string{greylist::name_of(*found.facts->known.front().facts->dnswl)} +
                   " (dnswl_pass = " + std::string{greylist::name_of(*rules.policy.dnswl_pass)} + ")";
        case Verdict::reconnect_ok:
            return "it has waited " + in_words(found.outcome.waited) + " since its first attempt";
        case Verdict::expected:
            return "mail for this recipient is expected until " +
                   moment(*found.facts->known.front().expected_until, found.facts->now) +
                   " (sqlgreyctl expect)";
        case Verdict::message_accepted:
            return "another recipient of the message is accepted";
        case Verdict::early_reconnect:
            return early_in_words(found, rules);
        case Verdict::throttled:
            return throttle_in_words(found, rules);
        case Verdict::first_attempt:
            return first_attempt_in_words(found, rules);
        case Verdict::store_unavailable:
        case Verdict::rows_locked:
            break;
    }
    return "the database cannot be asked";
}

}  // namespace sqlgrey::ctl
