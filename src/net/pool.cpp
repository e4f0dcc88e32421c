#include "sqlgrey/net/pool.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/digest.hpp"
#include "sqlgrey/net/address_in_name.hpp"

#include <functional>
#include <utility>

namespace sqlgrey::net {
namespace {

constexpr std::size_t width = 39;  // of the column src
constexpr std::size_t remembered_clients = 1024;
constexpr std::size_t kept_bytes = 17;
constexpr std::size_t kept_digits = 20;

bool matches(const std::optional<Pattern>& pattern, std::string_view name) {
    return pattern && pattern->found_in(name);
}

Membership membership_of(const PoolRules& rules, const std::string& name, const std::string& organisation,
                         const Address& address) {
    const AddressInName held = address_in_name(name, organisation, address);
    if (held == AddressInName::whole) return Membership::holds_address;
    if (held == AddressInName::part && !matches(rules.smtp_server, name)) return Membership::holds_address;
    return matches(rules.customers, name) ? Membership::customer_by_shape : Membership::member;
}

// The pool without regard to the sender.
Pool pool_by_name(const PoolRules& rules, std::string_view client_name, const Address& address) {
    std::string name = base::ascii_lower(client_name);
    if (name.ends_with('.')) name.pop_back();
    if (name == "unknown" || name.find('.') == std::string::npos) return {};
    if (name.ends_with('.')) return {Membership::no_organisation, {}};
    std::string organisation = rules.suffixes.organisation_of(name);
    if (organisation.empty()) return {Membership::no_organisation, {}};
    const Membership membership = membership_of(rules, name, organisation, address);
    return {membership, std::move(organisation)};
}

Pool with_sender(Pool pool, const PoolRules& rules, std::string_view sender_domain) {
    if (pool.membership == Membership::customer_by_shape &&
        are_related(pool.organisation, rules.suffixes.organisation_of(sender_domain)))
        pool.membership = Membership::member;
    return pool;
}

std::size_t hash_of(std::string_view client_name, const Address& address) {
    const auto* bytes = reinterpret_cast<const char*>(address.bytes.data());
    return std::hash<std::string_view>{}(client_name) ^
           std::hash<std::string_view>{}({bytes, address.bytes.size()});
}

}  // namespace

std::string_view reason(Membership membership) {
    switch (membership) {
        case Membership::member:
            return "its verified name is the organisation's";
        case Membership::no_organisation:
            return "its name is a public suffix";
        case Membership::holds_address:
            return "its name contains its address";
        case Membership::customer_by_shape:
            return "its name is one of pool_customers.regexp";
        case Membership::unverified:
            break;
    }
    return "it has no verified name";
}

Pool pool_of(const PoolRules& rules, std::string_view client_name, const Address& address,
             std::string_view sender_domain) {
    return with_sender(pool_by_name(rules, client_name, address), rules, sender_domain);
}

PoolFinder::PoolFinder(PoolRules rules) : rules_(std::move(rules)), clients_(remembered_clients) {
}

Pool PoolFinder::pool_of(std::string_view client_name, const Address& address,
                         std::string_view sender_domain) const {
    std::unique_lock lock(mutex_);
    Remembered& client = clients_[hash_of(client_name, address) % clients_.size()];
    if (client.client_name != client_name || client.address != address)
        client = {std::string{client_name}, address, pool_by_name(rules_, client_name, address)};
    Pool pool = client.pool;
    lock.unlock();
    return with_sender(std::move(pool), rules_, sender_domain);
}

std::string pool_identity(std::string_view organisation) {
    return identity_of_domain('@', organisation);
}

std::string identity_of_domain(char mark, std::string_view domain) {
    std::string identity = mark + std::string{domain};
    if (identity.size() <= width) return identity;
    const auto is_within_character = [&](std::size_t at) {
        return (static_cast<unsigned char>(identity[at]) & 0xc0U) == 0x80U;
    };
    std::size_t kept = 1 + kept_bytes;
    while (kept > 1 && is_within_character(kept)) --kept;
    identity.resize(kept);
    return identity + '#' + base::sha256(domain).substr(0, kept_digits);
}

std::string hashed_identity(const base::KeyedHash& hash, const std::string& identity) {
    return (identity.starts_with('@') ? "@" : "") + hash.of("client", identity);
}

std::string pool_network(const Address& address) {
    return network(address, address.v6 ? 64 : 24);
}

}  // namespace sqlgrey::net
