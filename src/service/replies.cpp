#include "replies.hpp"

#include "sqlgrey/base/placeholders.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

namespace sqlgrey::service {
namespace {

using greylist::Verdict;

constexpr std::string_view prepend = "PREPEND ";
constexpr std::size_t longest_reply = 499;
constexpr std::size_t longest_word = 255;  // of a stranger's

// Postfix hands it on to SMTP and into the mail: no blanks, line ends, control characters or other bytes.
std::string harmless(std::string_view text) {
    std::string out{text.substr(0, longest_word)};
    const auto stays = [](char c) { return c > ' ' && c <= '~'; };
    std::replace_if(
        out.begin(), out.end(), [&](char c) { return !stays(c); }, '?');
    return out;
}

// What stands behind the last '@'; without any, all of it, as postgrey has it.
std::string domain_of(std::string_view recipient) {
    return harmless(recipient.substr(recipient.rfind('@') + 1));
}

std::string cut(std::string text, std::size_t limit) {
    if (text.size() > limit) text.resize(limit);
    return text;
}

// Who is told to wait for no time at all is still deferred: a retry within the same second is early.
base::Seconds one_at_least(base::Seconds time) {
    return std::max(time, base::Seconds{1});
}

std::string time_to_wait(base::Seconds delay) {
    const auto seconds = one_at_least(delay).count();
    return seconds % 60 == 0 ? std::to_string(seconds / 60) + " minutes"
                             : std::to_string(seconds) + " seconds";
}

// A defer always carries text: Postfix makes an empty one "Service unavailable", which fail2ban takes for an
// attack.
std::string greylist_text(base::Seconds left, const Asked& asked, const Rules& rules) {
    const auto seconds = one_at_least(left).count();
    const std::string text = base::filled(rules.greylist_text, [&](char letter) {
        if (letter == 's') return std::to_string(seconds);
        if (letter == 'm') return std::to_string((seconds + 59) / 60);
        return letter == 'r' ? domain_of(asked.recipient) : std::string{};
    });
    if (text.find_first_not_of(' ') != std::string::npos) return text;
    return "Greylisted for " + time_to_wait(rules.policy.reconnect_delay);
}

policy::Reply defer(const std::string& action, base::Seconds left, const Asked& asked, const Rules& rules) {
    const bool numbered = rules.discrimination_add_rulenr && asked.rule > 0;
    const std::string number = numbered ? " (" + std::to_string(asked.rule) + ")" : "";
    return {cut(action + ' ' + greylist_text(left, asked, rules), longest_reply - number.size()) + number};
}

// RFC 5322, in local time. No locale is set, so days and months are English.
std::string date(base::Time now) {
    const std::time_t time = base::epoch(now);
    std::tm local{};
    ::localtime_r(&time, &local);
    std::array<char, 64> out{};
    return {out.data(), std::strftime(out.data(), out.size(), "%a, %d %b %Y %H:%M:%S %z", &local)};
}

// A pass for that reason: `why` and "by", or "in", and who we are. `delay`: of mail that was delayed.
policy::Reply pass(const std::string& why, base::Time now, const Rules& rules,
                   std::optional<base::Seconds> delay = {}) {
    if (!rules.prepend) return dunno();
    if (!delay && base::has_placeholder(rules.x_greylist_header, 't')) return dunno();
    const std::string header = base::filled(rules.x_greylist_header, [&](char letter) -> std::string {
        if (letter == 'w') return why + " SQLgrey-" + rules.version;
        if (letter == 't') return std::to_string(delay->count());
        if (letter == 'd') return date(now);
        if (letter == 'h') return harmless(rules.hostname);
        return letter == 'v' ? rules.version : "";
    });
    return {cut(std::string{prepend} + header, longest_reply)};
}

}  // namespace

policy::Reply reply_to(const greylist::Decision& decision, const Asked& asked, const Rules& rules) {
    const auto passes = [&](const std::string& why) { return pass(why, asked.now, rules); };
    switch (decision.verdict) {
        case Verdict::opted_out:
            // Not for whom: every recipient of the message reads it, and the others may be hidden from it.
            return passes("greylisting inactive for a recipient in");
        case Verdict::unsuspicious:
            return passes("not greylisting mail from " + harmless(asked.client_address) + " in");
        case Verdict::domain_awl:
            return passes("domain auto-whitelisted by");
        case Verdict::from_awl:
            return passes("from auto-whitelisted by");
        case Verdict::client_awl:
            return passes("client auto-whitelisted by");
        case Verdict::reconnect_ok:
            return pass("delayed " + base::hh_mm_ss(decision.waited) + " by", asked.now, rules,
                        decision.waited);
        case Verdict::message_accepted:
            return passes("accepted with another recipient of the message by");
        case Verdict::early_reconnect:
            return defer(rules.early_reconnect_action, decision.left, asked, rules);
        case Verdict::throttled:
            return {rules.first_attempt_action +
                    " Throttling too many connections from new source -  Try again later."};
        case Verdict::first_attempt:
            break;
    }
    return defer(rules.first_attempt_action, decision.left, asked, rules);
}

policy::Reply reply_to(const Precheck& checked, base::Time now, const Rules& rules) {
    switch (checked.outcome) {
        case Precheck::whitelisted:
            return pass("whitelisted by", now, rules);
        case Precheck::blacklisted:
            return {rules.blacklist_reply};
        case Precheck::to_be_looked_up:
        case Precheck::not_a_policy_request:
        case Precheck::unusable:
            break;
    }
    return dunno();
}

policy::Reply dunno() {
    return {"dunno"};
}

policy::Reply reply_without_database(const Rules& rules) {
    if (rules.pass_without_database) return dunno();
    return {"defer_if_permit Greylisting cannot look up its database -  Try again later."};
}

bool has_header(const policy::Reply& reply) {
    return reply.action.starts_with(prepend);
}

}  // namespace sqlgrey::service
