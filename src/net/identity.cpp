// The identity of a client by each of the four methods.
#include "sqlgrey/net/identity.hpp"

#include "sqlgrey/base/ascii.hpp"

#include <algorithm>
#include <array>

namespace sqlgrey::net {
namespace {

bool may_precede(char c) {
    return base::is_digit(c) || c == '.' || c == 'x' || c == '_' || c == '-';
}
bool may_follow(char c) {
    return c == '.' || c == '_' || c == '-';
}

// True if `before`, the part of a name left of the number, ends as in the names of dial-up pools: with a
// digit, a separator, or one of the words after a separator or at the start of the name. Leading zeros need
// no rule: each is a digit.
bool leads_to_number(std::string_view before) {
    constexpr std::array<std::string_view, 12> words{"",  "c",    "cm", "gv", "h",  "ip",
                                                     "m", "host", "p",  "pa", "pc", "pu"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        if (!before.ends_with(word)) return false;
        const std::string_view further = before.substr(0, before.size() - word.size());
        return further.empty() || may_precede(further.back());
    });
}

bool holds_last_byte(std::string_view client_name, std::uint8_t last_byte) {
    const std::string name = base::ascii_lower(client_name);
    const std::string_view view = name;
    const std::string number = std::to_string(last_byte);
    for (std::size_t at = view.find(number); at != std::string_view::npos; at = view.find(number, at + 1)) {
        const std::size_t behind = at + number.size();
        if (behind == view.size()) return false;
        if (may_follow(view[behind]) && leads_to_number(view.substr(0, at))) return true;
    }
    return false;
}

bool matches(const std::optional<Pattern>& pattern, std::string_view name) {
    return pattern && pattern->found_in(name);
}

std::string usual_network(const Address& address) {
    if (!address.v6) return class_c(address);
    return is_eui64_global(address) ? prefix64(address) : expanded(address);
}

// Tells mail servers, whose retry may come from a neighbouring address, from customers' lines, whose
// neighbours belong to other customers.
IdentityBasis basis_by_name(const Address& address, std::string_view name, const SmartPatterns& patterns) {
    if (matches(patterns.smtp_server, name)) return IdentityBasis::server_name;
    if (!address.v6 && holds_last_byte(name, address.bytes[3])) return IdentityBasis::address_in_name;
    return matches(patterns.dyn_fqdn, name) ? IdentityBasis::pool_name : IdentityBasis::ordinary_name;
}

IdentityBasis basis_of(const IdentityRules& rules, const Address& address, std::string_view client_name) {
    if (rules.method != GreyMethod::smart) return IdentityBasis::method;
    if (client_name == "unknown") return IdentityBasis::no_name;
    if (address.v6) return IdentityBasis::ipv6;
    return basis_by_name(address, client_name, rules.patterns);
}

// With the method smart the whole address then counts.
bool is_single(IdentityBasis basis) {
    return basis == IdentityBasis::no_name || basis == IdentityBasis::address_in_name ||
           basis == IdentityBasis::pool_name;
}

}  // namespace

std::string_view reason(IdentityBasis basis) {
    switch (basis) {
        case IdentityBasis::method:
            return "greymethod is the same for every client";
        case IdentityBasis::no_name:
            return "the client has no verified name, so its whole address counts";
        case IdentityBasis::ipv6:
            return "IPv6: the /64 of an address made from hardware, else the address";
        case IdentityBasis::server_name:
            return "smtp_server.regexp matches the name, so the network counts";
        case IdentityBasis::address_in_name:
            return "the name contains the address, so the whole address counts";
        case IdentityBasis::pool_name:
            return "dyn_fqdn.regexp matches the name, so the whole address counts";
        case IdentityBasis::ordinary_name:
            break;
    }
    return "the name is not that of a dial-up line, so the network counts";
}

Identity identify(const IdentityRules& rules, std::string_view text, const Address& address,
                  std::string_view client_name) {
    const IdentityBasis basis = basis_of(rules, address, client_name);
    switch (rules.method) {
        case GreyMethod::full:
            return {std::string(text), basis};
        case GreyMethod::prefix:
            return {network(address, address.v6 ? rules.ipv6_prefix : rules.ipv4_prefix), basis};
        case GreyMethod::classc:
        case GreyMethod::smart:
            break;
    }
    return {is_single(basis) ? std::string(text) : usual_network(address), basis};
}

bool looks_dynamic(const SmartPatterns& patterns, const Address& address, std::string_view client_name) {
    if (client_name.empty() || client_name == "unknown") return true;
    return is_single(basis_by_name(address, client_name, patterns));
}

std::string client_identity(const IdentityRules& rules, std::string_view text, const Address& address,
                            std::string_view client_name) {
    return identify(rules, text, address, client_name).text;
}

}  // namespace sqlgrey::net
