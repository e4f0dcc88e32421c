// Updates what is known about later requests of a batch with the outcomes before them.
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/greylist/identities.hpp"
#include "sqlgrey/mail/address.hpp"

#include <algorithm>
#include <utility>

namespace sqlgrey::greylist {
namespace {

struct Applier {
    const Triplet& triplet;
    Known& known;

    bool same_source(const std::string& src) const { return src == triplet.src; }
    bool same_domain(const std::string& src, const std::string& domain) const {
        return same_source(src) && domain == triplet.sender_domain;
    }

    void operator()(const TouchDomainAwl& change) const {
        if (same_domain(change.src, change.sender_domain) && known.domain_awl)
            known.domain_awl->last = change.now;
    }

    void operator()(const TouchFromAwl& change) const {
        if (same_domain(change.src, change.sender_domain) && change.deverped == triplet.deverped &&
            known.from_awl)
            known.from_awl->last = change.now;
    }

    void operator()(const TouchClientAwl& change) const {
        if (same_source(change.src) && known.client_awl) known.client_awl->last_seen = change.now;
    }

    void operator()(const CountRetry& change) const {
        if (!same_source(change.src)) return;
        if (!known.client_awl || known.client_awl->last_seen < change.counts_since) {
            known.client_awl = RetryCount{1, change.now, change.now};
            return;
        }
        RetryCount& retries = *known.client_awl;
        retries.last_seen = change.now;
        const base::Seconds since = change.now - retries.last_counted;
        if (since >= base::Seconds{0} && since < retry_step) return;
        ++retries.count;
        retries.last_counted = change.now;
    }

    void operator()(const PutConnect& change) const {
        if (change.triplet.src == src_of_letters) return note_retry(change);
        if (!same_source(change.triplet.src)) return;
        if (!change.replaces_row) ++known.src_connect;
        const bool same = change.triplet.sender_domain == triplet.sender_domain &&
                          change.triplet.sender_name == triplet.sender_name &&
                          change.triplet.rcpt == triplet.rcpt;
        if (same) known.connect = change.now;
    }

    void operator()(const PutFromAwl& change) const {
        if (!same_source(change.src)) return;
        if (!change.replaces_row) ++known.src_from_awl;
        if (!same_domain(change.src, change.sender_domain)) return;
        if (!change.replaces_row) ++known.senders_known;
        known.oldest_sender = std::min(change.first_seen, known.oldest_sender.value_or(change.first_seen));
        if (change.deverped == triplet.deverped) known.from_awl = Seen{change.first_seen, change.now};
        if (mail::matches_deverped(change.deverped, triplet.sender_name, change.own_hashes))
            known.connect.reset();
    }

    void operator()(const PutDomainAwl& change) const {
        if (!same_source(change.src)) return;
        ++known.src_domain_awl;
        if (!same_domain(change.src, change.sender_domain)) return;
        known.src_from_awl -= std::min(known.src_from_awl, known.senders_known);
        known.domain_awl = Seen{change.first_seen, change.now};
        known.from_awl.reset();
        known.connect.reset();
        known.senders_known = 0;
        known.oldest_sender.reset();
    }

    void operator()(const RememberPool&) const {}

    void note_retry(const PutConnect& change) const {
        if (change.triplet.sender_domain != triplet.sender_domain) return;
        const Triplet row = row_of_retry(triplet, change.now);
        if (change.triplet.sender_name != row.sender_name || change.triplet.rcpt != row.rcpt) return;
        const std::optional<base::Time> last = std::exchange(known.retries.last, change.now);
        if (!last || minute_of(*last) != minute_of(change.now)) ++known.retries.count;
    }
};

struct SourceOf {
    const std::string& operator()(const PutConnect& change) const { return change.triplet.src; }
    template <typename Other>
    const std::string& operator()(const Other& change) const {
        return change.src;
    }
};

}  // namespace

Affected apply(const Outcome& outcome, const Triplet& triplet, Known& known) {
    const auto may_affect = [&](const Change& change) {
        const std::string& src = source_of(change);
        return src == triplet.src || src == src_of_letters;
    };
    if (std::ranges::none_of(outcome.changes, may_affect)) return Affected::nothing;
    const Known before = known;
    const Applier applier{triplet, known};
    for (const Change& change : outcome.changes) std::visit(applier, change);
    if (known == before) return Affected::nothing;
    Known counted = before;
    counted.src_connect = known.src_connect;
    counted.src_domain_awl = known.src_domain_awl;
    counted.src_from_awl = known.src_from_awl;
    return known == counted ? Affected::source_counts : Affected::triplet;
}

bool moves_source_counts(const Change& change) {
    return std::holds_alternative<PutFromAwl>(change);
}

const std::string& source_of(const Change& change) {
    return std::visit(SourceOf{}, change);
}

}  // namespace sqlgrey::greylist
