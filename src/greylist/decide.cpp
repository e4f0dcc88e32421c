// The rules of greylisting, in the order in which they are tried. Each `if` returns.
#include "sqlgrey/greylist/decide.hpp"

#include "sqlgrey/mail/address.hpp"

#include <algorithm>
#include <ostream>

namespace sqlgrey::greylist {
namespace {

bool alive(base::Time last_seen, base::Time now, const Policy& policy) {
    return last_seen > now - policy.awl_age;
}

bool alive(const std::optional<Seen>& row, base::Time now, const Policy& policy) {
    return row && alive(row->last, now, policy);
}

// A time that is ahead, left by a clock that was, is brought back.
bool worth_touching(base::Time last_seen, base::Time now) {
    return now - last_seen >= touch_step || last_seen - now >= touch_step;
}

// When the triplet was first seen. A time later than now, left by a clock that ran ahead, would defer it
// until then: it counts as a first attempt now.
std::optional<base::Time> first_attempt_of(const Known& known, base::Time now) {
    if (known.connect && *known.connect > now) return {};
    return known.connect;
}

bool throttled(const Known& known, const Policy& policy) {
    const auto limit = policy.connect_src_throttle;
    return limit > 0 && known.src_connect >= limit && known.src_domain_awl == 0 && known.src_from_awl < limit;
}

// A triplet that came back in time earns its sender a row in from_awl, or, when enough senders of
// the domain have one, the whole domain a row in domain_awl.
Change promotion(const Triplet& t, const Known& known, base::Time now, const Policy& policy) {
    const base::Time first_seen = *known.connect;
    if (policy.group_domain_level > 0 && known.senders_known + 1 >= policy.group_domain_level) {
        const base::Time oldest = std::min(first_seen, known.oldest_sender.value_or(first_seen));
        return PutDomainAwl{t.src, t.sender_domain, oldest, now};
    }
    return PutFromAwl{t.src,       t.sender_domain, t.deverped, first_seen, now, known.from_awl.has_value(),
                      t.own_hashes};
}

// A second at least: at exactly reconnect_delay a retry is still early, and times are whole seconds.
base::Seconds time_left(base::Time first_seen, base::Time now, const Policy& policy) {
    return std::max(first_seen + policy.reconnect_delay - now, base::Seconds{1});
}

bool opted_out(const Opted& opted, OptMethod method) {
    switch (method) {
        case OptMethod::optin:
            return !((opted.in_domain && !opted.out_email) || opted.in_email);
        case OptMethod::optout:
            return (opted.out_domain && !opted.in_email) || opted.out_email;
        case OptMethod::none:
            break;
    }
    return false;
}

// The auto-white-lists: the first that has the sender lets it pass.
std::optional<Decision> auto_whitelisted(const Triplet& t, const Known& known, base::Time now,
                                         const Policy& policy) {
    const auto passes = [&](Verdict verdict, base::Time last_seen, Change touch) {
        if (!worth_touching(last_seen, now)) return Decision{verdict, {}};
        return Decision{verdict, std::move(touch)};
    };
    if (alive(known.domain_awl, now, policy))
        return passes(Verdict::domain_awl, known.domain_awl->last,
                      TouchDomainAwl{t.src, t.sender_domain, now});
    if (alive(known.from_awl, now, policy))
        return passes(Verdict::from_awl, known.from_awl->last,
                      TouchFromAwl{t.src, t.sender_domain, t.deverped, now});
    if (policy.auto_whitelist_clients == 0 || !known.client_awl) return {};
    const RetryCount& client = *known.client_awl;
    if (client.count < policy.auto_whitelist_clients || !alive(client.last_seen, now, policy)) return {};
    return passes(Verdict::client_awl, client.last_seen, TouchClientAwl{t.src, now});
}

Decision accepted(const Triplet& t, const Known& known, base::Time now, const Policy& policy,
                  const RequestFlags& flags) {
    Decision decision{Verdict::reconnect_ok, {}, now - *known.connect};
    if (flags.never_awl) return decision;
    decision.change = promotion(t, known, now, policy);
    if (policy.auto_whitelist_clients > 0) decision.pass = CountRetry{t.src, now, now - policy.awl_age};
    return decision;
}

}  // namespace

Decision decide(const Triplet& t, const Known& known, base::Time now, const Policy& policy,
                const RequestFlags& flags) {
    if (opted_out(known.opted, policy.opt_method)) return {Verdict::opted_out, {}};
    if (!flags.suspicious) return {Verdict::unsuspicious, {}};
    if (!flags.never_awl)
        if (auto decision = auto_whitelisted(t, known, now, policy)) return *std::move(decision);
    const auto first_attempt = first_attempt_of(known, now);
    const bool early = first_attempt && *first_attempt >= now - policy.reconnect_delay;
    if (!early && first_attempt && *first_attempt >= now - policy.max_connect_age)
        return accepted(t, known, now, policy, flags);
    if (flags.message_accepted) return {Verdict::message_accepted, {}};
    if (early) return {Verdict::early_reconnect, {}, {}, time_left(*known.connect, now, policy)};
    if (throttled(known, policy)) return {Verdict::throttled, {}};
    return {Verdict::first_attempt,
            PutConnect{t, now, now - policy.max_connect_age, known.connect.has_value()},
            {},
            time_left(now, now, policy)};
}

std::ostream& operator<<(std::ostream& out, Verdict verdict) {
    switch (verdict) {
        case Verdict::opted_out:
            return out << "opted_out";
        case Verdict::unsuspicious:
            return out << "unsuspicious";
        case Verdict::client_awl:
            return out << "client_awl";
        case Verdict::message_accepted:
            return out << "message_accepted";
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
