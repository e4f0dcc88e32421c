// The log line about a decision for log_format = postgrey: that of postgrey 1.37, or a line of the same form
// for decisions that postgrey does not know.
#include "decision_line.hpp"

#include <array>
#include <utility>

namespace sqlgrey::service::events {
namespace {

using greylist::Verdict;

std::string_view list_reason(const greylist::Outcome& outcome) {
    if (!outcome.entry) return "client whitelist";
    switch (outcome.entry->list) {
        case lists::ListName::whitelist_recipients:
            return "recipient whitelist";
        case lists::ListName::whitelist_senders:
            return "sender whitelist";
        case lists::ListName::blacklist_clients:
            return "client blacklist";
        case lists::ListName::blacklist_senders:
            return "sender blacklist";
        default:
            return "client whitelist";
    }
}

std::string reason_of(const greylist::Outcome& outcome) {
    switch (outcome.verdict) {
        case Verdict::whitelisted:
        case Verdict::blacklisted:
            return std::string{list_reason(outcome)};
        case Verdict::opted_out:
            return "recipient opted out";
        case Verdict::unsuspicious:
            return "client not suspicious";
        case Verdict::domain_awl:
        case Verdict::from_awl:
        case Verdict::client_awl:
            return "client AWL";
        case Verdict::dnswl:
            return "client DNS whitelist";
        case Verdict::reconnect_ok:
            return "triplet found, delay=" + std::to_string(outcome.waited.count());
        case Verdict::message_accepted:
            return "triplet found";
        case Verdict::expected:
            return "recipient expects mail";
        case Verdict::early_reconnect:
            return "early-retry (" + std::to_string(outcome.left.count()) + "s missing)";
        case Verdict::throttled:
            return "client throttled";
        default:
            return "new";
    }
}

std::string_view postgrey_action_of(Verdict verdict) {
    const std::string_view action = action_of(verdict);
    if (action == "defer") return "greylist";
    return action == "refuse" ? "reject" : action;
}

std::string postgrey_line(const DecisionRecord& r) {
    const policy::Attempt& a = r.attempt;
    const bool hashed = r.hashed && !r.triplet.rcpt.empty();
    const std::string_view sender = hashed ? std::string_view{r.triplet.deverped} : a.sender;
    const std::string_view recipient = hashed ? std::string_view{r.triplet.rcpt} : a.recipient;
    std::string line;
    if (!a.queue_id.empty()) line.append(a.queue_id).append(": ");
    line.append("action=").append(postgrey_action_of(r.outcome.verdict));
    line.append(", reason=").append(reason_of(r.outcome));
    const std::array<std::pair<std::string_view, std::string_view>, 4> attributes{
        {{"client_name", a.client_name},
         {"client_address", a.client_address},
         {"sender", sender},
         {"recipient", recipient}}};
    for (const auto& [name, value] : attributes)
        if (!value.empty()) line.append(", ").append(name).append("=").append(value);
    return log::escape(line);
}

}  // namespace

void write_postgrey(const log::Logger& logger, const DecisionRecord& record) {
    const Verdict verdict = record.outcome.verdict;
    // postgrey has no such line for these.
    if (verdict == Verdict::not_a_policy_request || verdict == Verdict::unusable)
        return write_classic(logger, record);
    write_one_line(logger, verdict, [&](const Place&) { return postgrey_line(record); });
}

}  // namespace sqlgrey::service::events
