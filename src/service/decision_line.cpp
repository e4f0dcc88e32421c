#include "decision_line.hpp"

namespace sqlgrey::service::events {

using greylist::Verdict;
using log::Category;

Place place_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::not_a_policy_request:
            return {Category::other, log::warning};
        case Verdict::unusable:
            return {Category::martians, log::normal};
        case Verdict::whitelisted:
        case Verdict::blacklisted:
            return {Category::whitelist, log::normal};
        case Verdict::opted_out:
            return {Category::optin, log::verbose};
        case Verdict::unsuspicious:
            return {Category::grey, log::verbose};
        default:
            return {Category::grey, log::normal};
    }
}

std::string_view action_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::blacklisted:
            return "refuse";
        case Verdict::early_reconnect:
        case Verdict::throttled:
        case Verdict::first_attempt:
            return "defer";
        default:
            return "pass";
    }
}

void write_one_line(const log::Logger& logger, Verdict verdict,
                    const std::function<std::string(const Place&)>& make) {
    if (verdict == Verdict::store_unavailable || verdict == Verdict::rows_locked) return;
    const Place place = place_of(verdict);
    if (!logger.wants(place.category, place.level)) return;
    const bool anybody_can_cause_it =
        verdict == Verdict::not_a_policy_request || verdict == Verdict::unusable;
    if (anybody_can_cause_it)
        logger.write_line_limited(place.category, place.level, make(place));
    else
        logger.write_line(place.category, place.level, make(place));
}

}  // namespace sqlgrey::service::events
