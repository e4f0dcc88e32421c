#include "tarpit_rules.hpp"

namespace sqlgrey::service {
namespace {

bool is_suspect(const Decision& decision, const Rules& rules) {
    switch (rules.tarpit_when) {
        case TarpitWhen::dynamic:
            return net::looks_dynamic(rules.identity.patterns, *decision.attempt.client,
                                      decision.attempt.client_name);
        case TarpitWhen::suspicious:
            return decision.discrimination_rule > 0;
        case TarpitWhen::all:
            break;
    }
    return true;
}

// With training, or with reject_code = dunno, mail passes, to watch what would happen.
bool only_watches(const Rules& rules) {
    return rules.training || rules.first_attempt_reply.action == policy::Action::pass ||
           rules.early_reconnect_reply.action == policy::Action::pass;
}

}  // namespace

bool may_sleep(const Decision& decision, const Rules& rules) {
    if (rules.policy.tarpit.count() == 0 || only_watches(rules) || !decision.attempt.client) return false;
    if (decision.after_recipients || decision.pending->connection->never_sleeps || has_slept(decision))
        return false;
    const policy::Request& request = decision.pending->request;
    // Our ACL for Exim says who it is, because it takes SLEEP for a pass.
    if (request.get("stress") == "yes" || request.get("policy_context") == "exim") return false;
    return is_suspect(decision, rules);
}

bool has_slept(const Decision& decision) {
    const std::string_view instance = decision.attempt.instance;
    return !instance.empty() && decision.pending->connection->instance_tarpitted == instance;
}

}  // namespace sqlgrey::service
