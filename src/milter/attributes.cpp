#include "attributes.hpp"

#include "packets.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace sqlgrey::milter {
namespace {

struct Meaning {
    std::string_view macro, attribute;
};

// {if_addr} is Sendmail's, {daemon_addr} Postfix's word for the address that the client has connected to.
constexpr std::array meanings{Meaning{"i", "queue_id"},
                              Meaning{"{auth_type}", "sasl_method"},
                              Meaning{"{auth_authen}", "sasl_username"},
                              Meaning{"{auth_author}", "sasl_sender"},
                              Meaning{"{client_ptr}", "reverse_client_name"},
                              Meaning{"{if_addr}", "server_address"},
                              Meaning{"{daemon_addr}", "server_address"},
                              Meaning{"{daemon_port}", "server_port"},
                              Meaning{"{tls_version}", "encryption_protocol"},
                              Meaning{"{cipher}", "encryption_cipher"},
                              Meaning{"{cipher_bits}", "encryption_keysize"},
                              Meaning{"{cert_subject}", "ccert_subject"},
                              Meaning{"{cert_issuer}", "ccert_issuer"}};

constexpr std::string_view unverified = "unknown";

struct Missing {
    std::string_view attribute, value;
};

constexpr std::array values_of_missing{
    Missing{"helo_name", ""},         Missing{"size", "0"},
    Missing{"queue_id", ""},          Missing{"reverse_client_name", unverified},
    Missing{"sasl_method", ""},       Missing{"sasl_username", ""},
    Missing{"sasl_sender", ""},       Missing{"encryption_protocol", ""},
    Missing{"encryption_cipher", ""}, Missing{"encryption_keysize", "0"},
    Missing{"ccert_subject", ""},     Missing{"ccert_issuer", ""},
    Missing{"server_address", ""},    Missing{"server_port", ""}};

// The same macro with and without braces: names of one letter are sent in both ways.
std::string_view name_of(std::string_view macro) {
    const bool braced = macro.size() == 3 && macro.starts_with('{') && macro.ends_with('}');
    return braced ? macro.substr(1, 1) : macro;
}

// Without "IPv6:", which Sendmail puts in front of the address.
std::string_view ipv6(std::string_view text) {
    constexpr std::string_view prefix = "IPv6:";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

// The text between the first '<' and the last '>'; all of it if there are none.
std::string_view between_brackets(std::string_view text) {
    const std::size_t from = text.find('<');
    const std::size_t to = text.rfind('>');
    if (from == std::string_view::npos || to == std::string_view::npos || to < from) return text;
    return text.substr(from + 1, to - from - 1);
}

// Without "@one,@two:", the route that an address may begin with (RFC 5321, appendix C).
std::string_view without_route(std::string_view address) {
    const std::size_t colon = address.find(':');
    return address.starts_with('@') && colon != std::string_view::npos ? address.substr(colon + 1) : address;
}

}  // namespace

void set(policy::Request& request, std::string_view name, std::string_view value) {
    if (value.find('\n') == std::string_view::npos) return request.set(name, value);
    std::string line(value.substr(0, policy::max_text));
    std::replace(line.begin(), line.end(), '\n', '?');
    request.set(name, line);
}

bool set_macros(policy::Request& request, std::string_view pairs) {
    std::optional<std::string_view> client, resolved;
    while (!pairs.empty()) {
        const auto macro = take_text(pairs);
        const auto value = macro ? take_text(pairs) : std::nullopt;
        if (!value) return false;
        const std::string_view name = name_of(*macro);
        if (name == "{client_name}") client = value;
        if (name == "{client_resolve}") resolved = value;
        const auto meaning = std::ranges::find(meanings, name, &Meaning::macro);
        if (meaning == meanings.end()) continue;
        set(request, meaning->attribute, meaning->attribute == "server_address" ? ipv6(*value) : *value);
    }
    if (!client) return true;
    const bool verified = resolved.value_or("OK") == "OK" && !client->empty() && !client->starts_with('[');
    set(request, "client_name", verified ? *client : unverified);
    return true;
}

void set_missing(policy::Request& request) {
    for (const Missing& each : values_of_missing)
        if (request.get(each.attribute).empty()) request.set(each.attribute, each.value);
}

Client client_of(std::string_view data) {
    if (!take_text(data) || data.empty()) return {};
    const char family = data.front();
    data.remove_prefix(1);
    if (family == 'U') return {{}, {}, true};
    if (data.size() < 2) return {};
    const unsigned port = static_cast<unsigned char>(data[0]) * 256U + static_cast<unsigned char>(data[1]);
    data.remove_prefix(2);
    const auto address = take_text(data);
    if (!address) return {};
    if (family == 'L') return {{}, {}, true};
    if (family != '4' && family != '6') return {};
    return {ipv6(*address), std::to_string(port), true};
}

std::string address_of(std::string_view written) {
    const std::string_view address = without_route(between_brackets(written));
    if (address.find_first_of("\"\\") == std::string_view::npos) return std::string(address);
    std::string plain;
    for (std::size_t i = 0; i < address.size(); ++i) {
        if (address[i] == '"') continue;
        if (address[i] == '\\' && i + 1 < address.size()) ++i;
        plain += address[i];
    }
    return plain;
}

}  // namespace sqlgrey::milter
