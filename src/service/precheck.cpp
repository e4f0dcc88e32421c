#include "precheck.hpp"

#include "sqlgrey/mail/address.hpp"
#include "sqlgrey/net/address.hpp"

namespace sqlgrey::service {
namespace {

constexpr std::size_t max_src = 39;  // the column's width

// As SQLgrey 1.8 cuts it: what stands between the first '@' and the next.
std::string_view domain_of(std::string_view recipient) {
    const std::size_t at = recipient.find('@');
    if (at == std::string_view::npos) return {};
    recipient.remove_prefix(at + 1);
    return recipient.substr(0, recipient.find('@'));
}

// `address`: the client's, as Postfix gave it.
greylist::Triplet plain_triplet(const lists::Subject& subject, std::string_view address, const Rules& rules) {
    const mail::Sender from = mail::sender(subject.sender, subject.recipient);
    const std::string src =
        net::client_identity(rules.identity, address, subject.client, subject.client_name);
    greylist::Triplet triplet{greylist::storable(src, max_src),
                              greylist::storable(from.domain, mail::max_domain),
                              greylist::storable(from.name, mail::max_sender_name),
                              greylist::storable(from.deverped, mail::max_sender_name),
                              greylist::storable(mail::recipient(subject.recipient), mail::max_recipient)};
    triplet.own_hashes = from.own_hashes;
    return triplet;
}

// A name that changes with each mail would never be found again by what it stands for, so only that is kept.
greylist::Triplet hashed(const greylist::Triplet& plain, const base::KeyedHash& hash) {
    const std::string name = hash.of("sender", plain.deverped + "@" + plain.sender_domain);
    return {hash.of("client", plain.src), hash.of("domain", plain.sender_domain), name, name,
            hash.of("recipient", plain.rcpt)};
}

greylist::Triplet triplet_of(const lists::Subject& subject, std::string_view address, const Rules& rules) {
    greylist::Triplet triplet = plain_triplet(subject, address, rules);
    const std::string rcpt = triplet.rcpt;
    if (rules.privacy) triplet = hashed(triplet, *rules.privacy);
    if (rules.policy.opt_method == greylist::OptMethod::none) return triplet;
    triplet.opt_email = rcpt;
    triplet.opt_domain = domain_of(rcpt);
    return triplet;
}

}  // namespace

Precheck precheck(const policy::Request& request, const lists::Lists& lists, const Rules& rules) {
    if (request.get("request") != "smtpd_access_policy") return {Precheck::not_a_policy_request, {}};
    const std::string_view recipient = request.get("recipient");
    const std::string_view address = request.get("client_address");
    const auto client = net::parse_address(address);
    if (!client || recipient.empty()) return {Precheck::unusable, {}};
    const lists::Subject subject{*client, request.get("client_name"), request.get("sender"), recipient};
    const lists::Match match = lists.match(subject);
    if (match.kind == lists::MatchKind::whitelisted) return {Precheck::whitelisted, match.by};
    if (match.kind == lists::MatchKind::blacklisted) return {Precheck::blacklisted, match.by};
    Precheck checked{Precheck::to_be_looked_up, match.by, triplet_of(subject, address, rules)};
    checked.flags.never_awl = match.never_awl;
    checked.triplet.ask_all = match.never_awl;
    if (!rules.discrimination) return checked;
    const auto rule = rules.discrimination->first_match(request);
    checked.flags.suspicious = rule.has_value();
    checked.rule = rule.value_or(0);
    return checked;
}

}  // namespace sqlgrey::service
