#include "replies.hpp"

#include "sqlgrey/base/placeholders.hpp"
#include "sqlgrey/mail/address.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

namespace sqlgrey::service {
namespace {

using greylist::Verdict;

constexpr std::size_t longest_reply = 499;  // bytes; what stands after "action="
constexpr std::size_t longest_header = longest_reply - std::string_view{"PREPEND "}.size();
constexpr std::size_t longest_word = 255;  // bytes of text from the client

// Postfix passes the text on to SMTP clients and into mail: only printable ASCII without blanks remains.
std::string harmless(std::string_view text) {
    std::string out{text.substr(0, longest_word)};
    const auto stays = [](char c) { return c > ' ' && c <= '~'; };
    std::replace_if(
        out.begin(), out.end(), [&](char c) { return !stays(c); }, '?');
    return out;
}

// The whole recipient if it has no '@', as in postgrey.
std::string domain_of(std::string_view recipient) {
    return harmless(mail::domain_after_last_at(recipient).value_or(recipient));
}

std::string cut(std::string text, std::size_t limit) {
    if (text.size() > limit) text.resize(limit);
    return text;
}

// At least 1 s: a retry within the same second is early, so after 0 s it would be deferred again.
base::Seconds one_at_least(base::Seconds time) {
    return std::max(time, base::Seconds{1});
}

std::string time_to_wait(base::Seconds delay) {
    const auto seconds = one_at_least(delay).count();
    return seconds % 60 == 0 ? std::to_string(seconds / 60) + " minutes"
                             : std::to_string(seconds) + " seconds";
}

// Never empty: Postfix logs an empty text as "Service unavailable", which fail2ban takes for an attack.
std::string greylist_text(const greylist::Outcome& outcome, std::string_view recipient, const Rules& rules) {
    const auto seconds = one_at_least(outcome.left).count();
    const std::string text = base::filled(rules.greylist_text, [&](char letter) {
        if (letter == 's') return std::to_string(seconds);
        if (letter == 'm') return std::to_string((seconds + 59) / 60);
        return letter == 'r' ? domain_of(recipient) : std::string{};
    });
    if (text.find_first_not_of(' ') != std::string::npos) return text;
    return "Greylisted for " + time_to_wait(outcome.delay);
}

// After the enhanced status code, if reject_code has one ("451 4.7.1").
void add_text(policy::Reply& reply, const std::string& text) {
    reply.text += (reply.text.empty() ? "" : " ") + text;
}

policy::Reply defer(policy::Reply reply, const greylist::Outcome& outcome, std::string_view recipient,
                    const Rules& rules) {
    const bool numbered = rules.discrimination_add_rulenr && outcome.discrimination_rule > 0;
    const std::string number = numbered ? " (" + std::to_string(outcome.discrimination_rule) + ")" : "";
    const std::string end = number + (outcome.id.empty() ? "" : " (id " + outcome.id + ")");
    const std::size_t taken = policy::access_line(reply).size() + 1 + end.size();
    reply.sleep = outcome.sleep;
    add_text(reply, cut(greylist_text(outcome, recipient, rules), longest_reply - taken) + end);
    return reply;
}

// With targrey the message goes on to DATA when it has waited.
policy::Reply waits(base::Seconds sleep) {
    policy::Reply reply;
    reply.sleep = sleep;
    return reply;
}

policy::Reply throttle(policy::Reply reply) {
    add_text(reply, "Throttling too many connections from new source -  Try again later.");
    return reply;
}

// As in RFC 5322, in local time. No locale is set, so the names of days and months are English.
std::string date(base::Time now) {
    const std::time_t time = base::epoch(now);
    std::tm local{};
    ::localtime_r(&time, &local);
    std::array<char, 64> out{};
    return {out.data(), std::strftime(out.data(), out.size(), "%a, %d %b %Y %H:%M:%S %z", &local)};
}

// A pass with a header: `why`, which ends in "by" or "in", and our name. `delay`: for delayed mail only.
policy::Reply pass(const std::string& why, base::Time now, const Rules& rules,
                   std::optional<base::Seconds> delay = {}) {
    if (!rules.prepend) return {};
    if (!delay && base::has_placeholder(rules.x_greylist_header, 't')) return {};
    const std::string header = base::filled(rules.x_greylist_header, [&](char letter) -> std::string {
        if (letter == 'w') return why + " SQLgrey-" + rules.version;
        if (letter == 't') return std::to_string(delay->count());
        if (letter == 'd') return date(now);
        if (letter == 'h') return harmless(rules.hostname);
        return letter == 'v' ? rules.version : "";
    });
    return {policy::Action::pass, "", "", cut(header, longest_header)};
}

// A list of clients or senders says the same about every recipient.
bool holds_for_message(const greylist::Outcome& outcome) {
    return outcome.entry && outcome.entry->list != lists::ListName::whitelist_recipients;
}

policy::Reply whitelisted(policy::Reply reply, const greylist::Outcome& outcome) {
    reply.holds_for_message = holds_for_message(outcome);
    return reply;
}

policy::Reply without_database(const Rules& rules) {
    if (rules.pass_without_database) return {};
    return {policy::Action::defer, "", "Greylisting cannot look up its database -  Try again later."};
}

}  // namespace

policy::Reply reply_to(const greylist::Outcome& outcome, const policy::Attempt& attempt, base::Time now,
                       const Rules& rules) {
    const auto passes = [&](const std::string& why) { return pass(why, now, rules); };
    switch (outcome.verdict) {
        case Verdict::not_a_policy_request:
        case Verdict::unusable:
            return {};
        case Verdict::whitelisted:
            return whitelisted(passes("whitelisted by"), outcome);
        case Verdict::blacklisted:
            return rules.blacklist_reply;
        case Verdict::opted_out:
            // Does not name the recipient: all recipients of the message read it, and one may be in Bcc.
            return passes("greylisting inactive for a recipient in");
        case Verdict::unsuspicious:
            return passes("not greylisting mail from " + harmless(attempt.client_address) + " in");
        case Verdict::domain_awl:
            return passes("domain auto-whitelisted by");
        case Verdict::from_awl:
            return passes("from auto-whitelisted by");
        case Verdict::client_awl:
            return passes("client auto-whitelisted by");
        case Verdict::dnswl:
            return passes("client DNS-whitelisted by");
        case Verdict::reconnect_ok:
            return pass("delayed " + base::hh_mm_ss(outcome.waited) + " by", now, rules, outcome.waited);
        case Verdict::expected:
            return passes("expected, not delayed by");
        case Verdict::message_accepted:
            return passes("accepted with another recipient of the message by");
        case Verdict::early_reconnect:
            return defer(rules.early_reconnect_reply, outcome, attempt.recipient, rules);
        case Verdict::throttled:
            return throttle(rules.first_attempt_reply);
        case Verdict::first_attempt:
            if (outcome.goes_on) return waits(outcome.sleep);
            return defer(rules.first_attempt_reply, outcome, attempt.recipient, rules);
        case Verdict::store_unavailable:
        case Verdict::rows_locked:
            break;
    }
    return without_database(rules);
}

}  // namespace sqlgrey::service
