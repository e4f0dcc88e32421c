// The identity of a client by one of the four methods.
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

// True if `before`, all of a name that stands left of the number, ends as in pool names: with a
// digit or separator, or with one of the words behind such or at the start of the name. Zeros that
// pad the number need no rule of their own: each is a digit in front of it.
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

// The name tells a mail server of some size, whose retry may come from a neighbour, from one
// customer in a pool, whose neighbours are strangers.
bool is_one_of_a_pool(const Address& v4, std::string_view name, const SmartPatterns& patterns) {
    if (matches(patterns.smtp_server, name)) return false;
    return holds_last_byte(name, v4.bytes[3]) || matches(patterns.dyn_fqdn, name);
}

}  // namespace

std::string client_identity(const IdentityRules& rules, std::string_view text, const Address& address,
                            std::string_view client_name) {
    switch (rules.method) {
        case GreyMethod::full:
            return std::string(text);
        case GreyMethod::classc:
            return usual_network(address);
        case GreyMethod::prefix:
            return network(address, address.v6 ? rules.ipv6_prefix : rules.ipv4_prefix);
        case GreyMethod::smart:
            break;
    }
    if (client_name == "unknown") return std::string(text);
    if (!address.v6 && is_one_of_a_pool(address, client_name, rules.patterns)) return std::string(text);
    return usual_network(address);
}

}  // namespace sqlgrey::net
