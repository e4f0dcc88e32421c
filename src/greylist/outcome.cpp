#include "sqlgrey/greylist/outcome.hpp"

#include <ostream>

namespace sqlgrey::greylist {

std::string_view name(Verdict verdict) {
    switch (verdict) {
        case Verdict::not_a_policy_request:
            return "not_a_policy_request";
        case Verdict::unusable:
            return "unusable";
        case Verdict::whitelisted:
            return "whitelisted";
        case Verdict::blacklisted:
            return "blacklisted";
        case Verdict::opted_out:
            return "opted_out";
        case Verdict::unsuspicious:
            return "unsuspicious";
        case Verdict::domain_awl:
            return "domain_awl";
        case Verdict::from_awl:
            return "from_awl";
        case Verdict::client_awl:
            return "client_awl";
        case Verdict::dnswl:
            return "dnswl";
        case Verdict::reconnect_ok:
            return "reconnect_ok";
        case Verdict::expected:
            return "expected";
        case Verdict::message_accepted:
            return "message_accepted";
        case Verdict::early_reconnect:
            return "early_reconnect";
        case Verdict::throttled:
            return "throttled";
        case Verdict::first_attempt:
            return "first_attempt";
        case Verdict::store_unavailable:
            return "store_unavailable";
        case Verdict::rows_locked:
            return "rows_locked";
    }
    return "?";
}

std::ostream& operator<<(std::ostream& out, Verdict verdict) {
    return out << name(verdict);
}

bool is_earned(Verdict verdict) {
    return verdict == Verdict::reconnect_ok || verdict == Verdict::domain_awl ||
           verdict == Verdict::from_awl || verdict == Verdict::client_awl;
}

std::optional<base::Time> waits_since(const Outcome& outcome) {
    if (outcome.verdict == Verdict::early_reconnect && outcome.row) return outcome.row->first;
    if (outcome.verdict != Verdict::first_attempt) return {};
    for (const Change& change : outcome.changes)
        if (const auto* put = std::get_if<PutConnect>(&change)) return put->now;
    return {};
}

}  // namespace sqlgrey::greylist
