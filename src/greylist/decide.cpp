// The rules of greylisting, in the order in which they are tried. Each `if` returns.
#include "sqlgrey/greylist/decide.hpp"

#include "sqlgrey/mail/address.hpp"

#include <algorithm>
#include <ostream>

namespace sqlgrey::greylist {
namespace {

bool alive(const std::optional<Seen>& row, base::Time now, const Policy& policy) {
    return row && row->last > now - policy.awl_age;
}

bool worth_touching(const Seen& row, base::Time now) {
    return now - row.last >= touch_step;
}

bool throttled(const Known& known, const Policy& policy) {
    const auto limit = policy.connect_src_throttle;
    return limit > 0 && known.src_connect >= limit && known.src_domain_awl == 0 && known.src_from_awl < limit;
}

// A triplet that came back in time earns its sender a row in from_awl, or, when enough senders of
// the domain have one, the whole domain a row in domain_awl.
Change promotion(const Triplet& t, const Known& known, base::Time now, const Policy& policy) {
    const base::Time first_seen = *known.connect;
    if (policy.group_domain_level > 0 && known.siblings + 1 >= policy.group_domain_level) {
        const base::Time oldest = std::min(first_seen, known.oldest_sibling.value_or(first_seen));
        return PutDomainAwl{t.src, t.sender_domain, oldest, now};
    }
    return PutFromAwl{t.src, t.sender_domain, t.deverped, first_seen, now, known.from_awl.has_value()};
}

}  // namespace

Decision decide(const Triplet& t, const Known& known, base::Time now, const Policy& policy) {
    if (alive(known.domain_awl, now, policy)) {
        if (!worth_touching(*known.domain_awl, now)) return {Verdict::domain_awl, {}, {}};
        return {Verdict::domain_awl, TouchDomainAwl{t.src, t.sender_domain, now}, {}};
    }
    if (alive(known.from_awl, now, policy)) {
        if (!worth_touching(*known.from_awl, now)) return {Verdict::from_awl, {}, {}};
        return {Verdict::from_awl, TouchFromAwl{t.src, t.sender_domain, t.deverped, now}, {}};
    }
    if (known.connect && *known.connect >= now - policy.reconnect_delay)
        return {Verdict::early_reconnect, {}, {}};
    if (known.connect && *known.connect >= now - policy.max_connect_age)
        return {Verdict::reconnect_ok, promotion(t, known, now, policy), now - *known.connect};
    if (throttled(known, policy)) return {Verdict::throttled, {}, {}};
    return {Verdict::first_attempt,
            PutConnect{t, now, now - policy.max_connect_age, known.connect.has_value()},
            {}};
}

std::ostream& operator<<(std::ostream& out, Verdict verdict) {
    switch (verdict) {
        case Verdict::domain_awl:
            return out << "domain_awl";
        case Verdict::from_awl:
            return out << "from_awl";
        case Verdict::early_reconnect:
            return out << "early_reconnect";
        case Verdict::reconnect_ok:
            return out << "reconnect_ok";
        case Verdict::throttled:
            return out << "throttled";
        case Verdict::first_attempt:
            return out << "first_attempt";
    }
    return out << "?";
}

}  // namespace sqlgrey::greylist
