#include "replies.hpp"

namespace sqlgrey::service {
namespace {

using greylist::Verdict;

constexpr std::string_view header = "PREPEND X-Greylist: ";

// A defer always carries text: Postfix makes an empty one "Service unavailable", which fail2ban takes for an
// attack.
policy::Reply defer(const std::string& action, const Rules& rules) {
    const auto delay = rules.policy.reconnect_delay.count();
    const std::string wait =
        delay % 60 == 0 ? std::to_string(delay / 60) + " minutes" : std::to_string(delay) + " seconds";
    return {action + " Greylisted for " + wait};
}

policy::Reply pass(const std::string& why, const Rules& rules) {
    if (!rules.prepend) return dunno();
    return {std::string{header} + why + " by SQLgrey-" + rules.version};
}

}  // namespace

policy::Reply reply_to(const greylist::Decision& decision, const Rules& rules) {
    switch (decision.verdict) {
        case Verdict::domain_awl:
            return pass("domain auto-whitelisted", rules);
        case Verdict::from_awl:
            return pass("from auto-whitelisted", rules);
        case Verdict::reconnect_ok:
            return pass("delayed " + base::hh_mm_ss(decision.waited), rules);
        case Verdict::early_reconnect:
            return defer(rules.early_reconnect_action, rules);
        case Verdict::throttled:
            return {rules.first_attempt_action +
                    " Throttling too many connections from new source -  Try again later."};
        case Verdict::first_attempt:
            break;
    }
    return defer(rules.first_attempt_action, rules);
}

policy::Reply dunno() {
    return {"dunno"};
}

policy::Reply reply_without_database(const Rules& rules) {
    if (rules.pass_without_database) return dunno();
    return {"defer_if_permit Greylisting cannot look up its database -  Try again later."};
}

bool has_header(const policy::Reply& reply) {
    return reply.action.starts_with(header);
}

}  // namespace sqlgrey::service
