#include "sqlgrey/importer/mapping.hpp"

#include "sqlgrey/greylist/limits.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <arpa/inet.h>

namespace sqlgrey::importer {
namespace {

using greylist::storable;

constexpr std::string_view nobody = "\n";  // a recipient that no sender's name contains

constexpr std::string_view no_such_network =
    "the address is not a network of the length that postgrey keeps: was it run with --ipv4cidr, --ipv6cidr "
    "or "
    "--lookup-by-host? Say so here too";
constexpr std::string_view full_wants_addresses =
    "greymethod = full wants the client's whole address, postgrey kept its network";
constexpr std::string_view too_wide = "postgrey's network is wider than what greymethod makes of a client";
constexpr std::string_view single_addresses =
    "greymethod counts single addresses of that IPv6 network, postgrey kept the network";
constexpr std::string_view lost_numbers =
    "postgrey has put # for numbers in the sender's name that count here";
constexpr std::string_view clients_off = "auto_whitelist_clients is off in sqlgrey.conf";

// As Postfix sends it.
std::string text_of(const net::Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
    return text.data();
}

int whole_length(const net::Address& address) {
    return address.v6 ? 128 : 32;
}

bool is_network(const net::Address& address, int length) {
    for (int bit = length; bit < whole_length(address); ++bit)
        if (address.bytes[static_cast<std::size_t>(bit / 8)] & (0x80 >> (bit % 8))) return false;
    return true;
}

Identities of_address(const net::Address& address, const net::IdentityRules& rules) {
    const std::string text = text_of(address);
    if (rules.method != net::GreyMethod::smart) return {{net::client_identity(rules, text, address, "")}};
    net::IdentityRules of_servers;
    of_servers.method = net::GreyMethod::classc;
    std::string usual = net::client_identity(of_servers, text, address, "");
    if (usual == text) return {{text}};
    return {{std::move(usual), text}};
}

Identities of_smart_network(const net::Address& network, int length) {
    constexpr int class_c_length = 24;
    constexpr int prefix64_length = 64;
    if (!network.v6) {
        if (length < class_c_length) return {{}, too_wide};
        return {{net::class_c(network)}};
    }
    if (length < prefix64_length) return {{}, too_wide};
    // Of a /64 only clients whose addresses contain their hardware address have it as identity.
    const bool is_global_unicast = network.bytes[0] >> 5 == 1;
    if (length > prefix64_length || !is_global_unicast) return {{}, single_addresses};
    return {{net::prefix64(network)}};
}

std::vector<std::string> runs_of_digits(std::string_view text) {
    constexpr std::size_t most = 8;
    constexpr std::string_view digits = "0123456789";
    std::vector<std::string> runs;
    for (std::size_t at = text.find_first_of(digits); at != std::string_view::npos && runs.size() < most;) {
        const std::size_t end = std::min(text.find_first_not_of(digits, at), text.size());
        runs.emplace_back(text.substr(at, end - at));
        at = text.find_first_of(digits, end);
    }
    return runs;
}

std::string with_number(std::string_view name, std::string_view number) {
    std::string out;
    for (const char c : name) {
        if (c == '#')
            out += number;
        else
            out += c;
    }
    return out;
}

greylist::Triplet triplet_of(const std::string& src, const mail::Sender& sender, std::string_view recipient) {
    greylist::Triplet triplet{storable(src, greylist::max_src), storable(sender.domain, mail::max_domain),
                              storable(sender.name, mail::max_sender_name),
                              storable(sender.deverped, mail::max_sender_name),
                              storable(mail::recipient(recipient), mail::max_recipient)};
    triplet.own_hashes = sender.own_hashes;
    return triplet;
}

greylist::KnownSender known_sender(const std::string& src, const mail::Sender& sender, greylist::Seen seen) {
    const greylist::Triplet t = triplet_of(src, sender, nobody);
    return {t.src, t.sender_domain, t.deverped, seen, t.own_hashes};
}

bool expired(base::Time last, const TargetRules& target) {
    return last <= target.now - target.policy.awl_age;
}

}  // namespace

Identities identities_of(const net::Address& network, int length, const net::IdentityRules& rules) {
    if (!is_network(network, length)) return {{}, no_such_network};
    if (length == whole_length(network)) return of_address(network, rules);
    const int target = network.v6 ? rules.ipv6_prefix : rules.ipv4_prefix;
    switch (rules.method) {
        case net::GreyMethod::full:
            return {{}, full_wants_addresses};
        case net::GreyMethod::prefix:
            if (length < target) return {{}, too_wide};
            return {{net::network(network, target)}};
        case net::GreyMethod::classc:
        case net::GreyMethod::smart:
            break;
    }
    return of_smart_network(network, length);
}

// Tries numbers of several lengths, and the recipient's, which the name may contain.
std::optional<mail::Sender> sender_from_postgrey(std::string_view sender, std::string_view recipient) {
    const std::size_t at = std::min(sender.find('@'), sender.size());
    const std::string_view name = sender.substr(0, at);
    const auto seen_with = [&](std::string_view number) {
        return mail::sender(with_number(name, number).append(sender.substr(at)), recipient);
    };
    const mail::Sender result = seen_with("0");
    if (name.find('#') == std::string_view::npos) return result;
    std::vector<std::string> numbers = runs_of_digits(recipient);
    numbers.insert(numbers.end(), {"19", "1234567"});
    const bool alike = std::ranges::all_of(
        numbers, [&](const std::string& number) { return seen_with(number).deverped == result.deverped; });
    if (!alike) return {};
    return result;
}

Mapped mapped(const PostgreyTriplet& triplet, const PostgreyOptions& source, const TargetRules& target) {
    const base::Time first = std::min(triplet.first, target.now);
    const base::Time last = std::min(triplet.last, target.now);
    const bool passed = triplet.last - triplet.first >= source.delay;
    if (passed ? expired(last, target) : first < target.now - target.policy.max_connect_age)
        return {RecordStatus::expired};

    const bool is_address = triplet.whole_address || source.lookup_by_host;
    const int length = is_address           ? whole_length(triplet.network)
                       : triplet.network.v6 ? source.ipv6cidr
                                            : source.ipv4cidr;
    const Identities identities = identities_of(triplet.network, length, target.identity);
    if (identities.texts.empty()) return {RecordStatus::unusable, identities.why_none};
    const auto sender = sender_from_postgrey(triplet.sender, triplet.recipient);
    // A waiting triplet needs the exact name that was sent.
    if (!sender || (!passed && triplet.sender.find('#') != std::string::npos))
        return {RecordStatus::unusable, lost_numbers};

    Mapped result{passed ? RecordStatus::trusted : RecordStatus::waiting};
    for (const std::string& src : identities.texts) {
        if (passed)
            result.rows.emplace_back(known_sender(src, *sender, {first, last}));
        else
            result.rows.emplace_back(
                greylist::WaitingTriplet{triplet_of(src, *sender, triplet.recipient), first});
    }
    return result;
}

Mapped mapped(const PostgreyClient& client, const PostgreyOptions& source, const TargetRules& target) {
    const long long enough = target.policy.auto_whitelist_clients;
    if (enough == 0) return {RecordStatus::unusable, clients_off};
    const base::Time last = std::min(client.last, target.now);
    if (expired(last, target)) return {RecordStatus::expired};
    const bool trusted = source.auto_whitelist_clients > 0 && client.count >= source.auto_whitelist_clients;
    const long long passes = trusted ? std::max(client.count, enough) : client.count;
    Mapped result{trusted ? RecordStatus::trusted : RecordStatus::waiting};
    for (const std::string& src : of_address(client.address, target.identity).texts)
        result.rows.emplace_back(
            greylist::KnownClient{storable(src, greylist::max_src), passes, {last, last}});
    return result;
}

Mapped mapped(const Delivery& delivery, const TargetRules& target) {
    const base::Time last = std::min(delivery.at, target.now);
    const base::Time first = std::min(delivery.first, last);
    if (expired(last, target)) return {RecordStatus::expired};
    const std::string src =
        net::client_identity(target.identity, delivery.client_address, delivery.client, delivery.client_name);
    Mapped result{RecordStatus::trusted};
    std::set<std::string> names;
    const auto add = [&](std::string_view recipient) {
        const mail::Sender sender = mail::sender(delivery.sender, recipient);
        if (names.insert(sender.deverped).second)
            result.rows.emplace_back(known_sender(src, sender, {first, last}));
    };
    for (const std::string& recipient : delivery.recipients) add(recipient);
    if (delivery.recipients.empty()) add(nobody);
    const long long enough = target.policy.auto_whitelist_clients;
    if (delivery.client_trusted && enough > 0)
        result.rows.emplace_back(
            greylist::KnownClient{storable(src, greylist::max_src), enough, {first, last}});
    return result;
}

}  // namespace sqlgrey::importer
