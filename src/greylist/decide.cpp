#include "sqlgrey/greylist/decide.hpp"

#include "rules.hpp"

#include <algorithm>
#include <utility>

namespace sqlgrey::greylist {
namespace {

// With targrey a retry does not wait: it has waited already, or the tarpit had no place, or the client has
// not survived it. Nor does a client with a longer delay than others: waiting does not replace that.
void add_sleep(Outcome& outcome, const Known& known, const Policy& policy, const RequestFlags& flags) {
    const bool is_first = outcome.verdict == Verdict::first_attempt;
    if (!is_first && outcome.verdict != Verdict::early_reconnect) return;
    if (policy.targrey && (!is_first || waits_longer(known, policy))) return;
    if (flags.may_sleep) outcome.sleep = policy.tarpit;
    outcome.goes_on = policy.targrey && (flags.may_sleep || flags.has_slept);
}

}  // namespace

Outcome decide(const Triplet& triplet, const Known& known, base::Time now, const Policy& policy,
               const RequestFlags& flags) {
    const Situation situation{triplet, known, now, policy, flags};
    Answer answer;
    for (const Rule& rule : rules) {
        answer = rule.answer(situation);
        if (!answer) continue;
        answer->rule = rule.name;
        break;
    }
    add_sleep(answer.value(), known, policy, flags);
    return std::move(answer).value();
}

std::vector<RuleReport> explain(const Triplet& triplet, const Known& known, base::Time now,
                                const Policy& policy, const RequestFlags& flags) {
    const Situation situation{triplet, known, now, policy, flags};
    std::vector<RuleReport> reports;
    reports.reserve(rules.size());
    for (const Rule& rule : rules) {
        RuleReport& report =
            reports.emplace_back(RuleReport{rule.name, rule.observe(situation), rule.answer(situation)});
        if (report.answer) report.answer->rule = rule.name;
    }
    return reports;
}

bool is_trusted(const Known& known, const Policy& policy) {
    return policy.dnswl_pass && known.facts && known.facts->dnswl &&
           *known.facts->dnswl >= *policy.dnswl_pass;
}

bool is_listed(const Known& known, const Policy& policy) {
    return policy.dnsbl_delay.count() > 0 && known.facts && known.facts->dnsbl >= policy.dnsbl_threshold;
}

base::Seconds delay_of(const Known& known, const Policy& policy) {
    base::Seconds delay = policy.reconnect_delay;
    if (is_listed(known, policy)) delay = std::max(delay, policy.dnsbl_delay);
    if (known.facts && known.facts->spf == spf::Verdict::fail) delay = std::max(delay, policy.spf_fail_delay);
    return delay;
}

base::Seconds longest_delay(const Policy& policy) {
    return std::max({policy.reconnect_delay, policy.dnsbl_delay, policy.spf_fail_delay});
}

bool awl_row_counts(base::Time last_seen, base::Time now, const Policy& policy) {
    return last_seen > now - policy.awl_age;
}

bool passes_by_awl(const Known& known, base::Time now, const Policy& policy) {
    const auto counts = [&](const std::optional<Seen>& row) {
        return row && awl_row_counts(row->last, now, policy);
    };
    return counts(known.domain_awl) || counts(known.from_awl);
}

}  // namespace sqlgrey::greylist
