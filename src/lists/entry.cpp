#include "entry.hpp"

#include "line.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/net/address.hpp"
#include "sqlgrey/policy/attempt.hpp"

#include <algorithm>
#include <charconv>

namespace sqlgrey::lists {
namespace {

using Parsed = std::optional<Entry>;

constexpr std::size_t none = std::string_view::npos;
constexpr std::size_t max_domain = 255;
constexpr std::size_t max_p0f_pattern = 100;  // bytes; what p0f says has at most 63

bool is_control_or_blank(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte == 0x7f;
}

// Letters outside ASCII are bytes from 0x80 up; only mail addresses contain them.
enum class Letters { ascii, any };

bool may_stand_in_label(char c, Letters letters) {
    return base::is_letter(c) || base::is_digit(c) || c == '-' || c == '_' ||
           (letters == Letters::any && static_cast<unsigned char>(c) >= 0x80);
}

// "a.b.c": no empty label, and no number as the last label (that would be part of an address). "unknown" is
// not a name: Postfix sends it for a client without one.
bool is_domain(std::string_view text, Letters letters) {
    if (text.empty() || text.size() > max_domain || base::ascii_lower(text) == "unknown") return false;
    std::size_t label = 0;  // length so far
    bool is_number = true;  // the label so far
    for (const char c : text) {
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
            is_number = true;
            continue;
        }
        if (!may_stand_in_label(c, letters)) return false;
        is_number = is_number && base::is_digit(c);
        ++label;
    }
    return label > 0 && !is_number;
}

// What may follow the '@' of an address: a domain, or an IP address in brackets.
bool is_mail_domain(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']'))
        return text.size() <= max_domain && std::none_of(text.begin(), text.end(), is_control_or_blank);
    return is_domain(text, Letters::any);
}

// "*@example.org" is meant as all users, which is written "@example.org"; a user named '*' is not supported.
bool is_user(std::string_view text) {
    return !text.empty() && text != "*" && std::none_of(text.begin(), text.end(), is_control_or_blank);
}

std::optional<unsigned> small_number(std::string_view text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<Network> whole(std::string_view address, unsigned length_v4, unsigned length_v6) {
    const auto parsed = net::parse_address(address);
    if (!parsed) return std::nullopt;
    return Network{*parsed, parsed->v6 ? length_v6 : length_v4};
}

// "10" and "192.168" before a length, as SQLgrey 1.8 accepts them: missing numbers are 0.
std::string with_all_numbers(std::string_view address) {
    std::string all(address);
    if (all.find(':') != none) return all;
    for (auto dots = std::count(all.begin(), all.end(), '.'); dots < 3; ++dots) all += ".0";
    return all;
}

std::optional<Network> with_length(std::string_view address, std::string_view digits) {
    const auto length = small_number(digits);
    if (!length || address.empty()) return std::nullopt;
    const auto network = whole(with_all_numbers(address), *length, *length);
    if (!network || *length > (network->address.v6 ? 128 : 32)) return std::nullopt;
    return network;
}

std::optional<Network> parse_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash != none)
        return with_length(base::trimmed(text.substr(0, slash), blanks),
                           base::trimmed(text.substr(slash + 1), blanks));
    if (const auto network = whole(text, 32, 128)) return network;
    if (text.find(':') != none) return std::nullopt;
    switch (std::count(text.begin(), text.end(), '.')) {
        case 1:
            return whole(std::string(text) + ".0.0", 16, 0);
        case 2:
            return whole(std::string(text) + ".0", 24, 0);
        default:
            return std::nullopt;
    }
}

Parsed network_entry(std::string_view text) {
    if (const auto network = parse_network(text)) return *network;
    return std::nullopt;
}

Parsed domain_entry(std::string_view text, Scope scope) {
    if (!is_domain(text, Letters::ascii)) return std::nullopt;
    return Key{base::ascii_lower(text), scope};
}

Parsed mail_domain_entry(std::string_view text, Scope scope) {
    if (!is_mail_domain(text)) return std::nullopt;
    return Key{base::ascii_lower(text), scope};
}

Parsed client_name_entry(std::string_view text, Scope plain) {
    if (text.starts_with("*.")) return domain_entry(text.substr(2), Scope::below);
    return domain_entry(text, plain);
}

// The pattern is a text with * for any text and ? for any character, in any letter case. Unlike in other
// entries, blanks may stand in it, because names of systems contain them.
std::string as_expression(std::string_view attribute, std::string_view pattern) {
    std::string expression = "^" + std::string{attribute} + ":";
    for (const char c : pattern) {
        if (c == '*')
            expression += ".*";
        else if (c == '?')
            expression += '.';
        else if (base::is_letter(c) || base::is_digit(c) || c == ' ')
            expression += c;
        else
            expression += std::string{'\\', c};
    }
    return expression + "$";
}

Parsed p0f_entry(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string attribute = base::ascii_lower(text.substr(0, colon));
    const std::string_view pattern = base::trimmed(text.substr(colon + 1), blanks);
    const bool is_printable = std::ranges::all_of(pattern, [](char c) { return c >= ' ' && c <= '~'; });
    if (!policy::is_p0f_attribute(attribute) || pattern.empty() || pattern.size() > max_p0f_pattern ||
        !is_printable)
        return std::nullopt;
    return P0fEntry{as_expression(attribute, pattern), pattern.find_first_not_of("*?") == none};
}

Parsed client_entry(std::string_view text) {
    if (base::ascii_lower(text.substr(0, 4)) == "p0f_" && text.find(':') != none) return p0f_entry(text);
    if (const auto network = network_entry(text)) return network;
    return client_name_entry(text, Scope::itself_and_below);
}

Parsed address_entry(std::string_view user, std::string_view domain) {
    if (!is_user(user) || !is_mail_domain(domain)) return std::nullopt;
    return Key{base::ascii_lower(user) + "@" + base::ascii_lower(domain), Scope::itself};
}

// Cuts at the last '@': a quoted user name may contain others.
Parsed recipient_entry(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == none) return mail_domain_entry(text, Scope::itself_and_below);
    const std::string_view user = text.substr(0, at);
    const std::string_view domain = text.substr(at + 1);
    if (user.empty()) return mail_domain_entry(domain, Scope::itself);
    if (!domain.empty()) return address_entry(user, domain);
    if (!is_user(user)) return std::nullopt;
    return Key{base::ascii_lower(text), Scope::itself};
}

Parsed sender_entry(std::string_view text) {
    if (text == "<>") return Key{std::string(text), Scope::itself};
    if (text.starts_with('.')) return mail_domain_entry(text.substr(1), Scope::itself_and_below);
    const std::size_t at = text.rfind('@');
    if (at == none || at == 0) return mail_domain_entry(text.substr(at == 0 ? 1 : 0), Scope::itself);
    return address_entry(text.substr(0, at), text.substr(at + 1));
}

// A blank inside is more likely the end of one entry and the start of another.
Parsed expression_entry(std::string_view text) {
    const bool is_closed = text.size() > 2 && text.ends_with('/');
    if (!is_closed || std::any_of(text.begin(), text.end(), is_control_or_blank)) return std::nullopt;
    return Expression{std::string(text.substr(1, text.size() - 2))};
}

}  // namespace

std::string p0f_text(std::string_view attribute, std::string_view value) {
    return std::string{attribute} + ":" + std::string{value};
}

std::optional<Entry> parse_entry(ListName list, std::string_view text) {
    if (text.size() > max_entry) return std::nullopt;
    if (list == ListName::clients_ip_whitelist) return network_entry(text);
    if (text.starts_with('/')) return expression_entry(text);
    switch (list) {
        case ListName::clients_ip_whitelist:
            break;
        case ListName::clients_fqdn_whitelist:
            return client_name_entry(text, Scope::itself);
        case ListName::whitelist_clients:
        case ListName::never_whitelist_clients:
        case ListName::blacklist_clients:
            return client_entry(text);
        case ListName::whitelist_recipients:
            return recipient_entry(text);
        case ListName::whitelist_senders:
        case ListName::never_whitelist_senders:
        case ListName::blacklist_senders:
            return sender_entry(text);
    }
    return std::nullopt;
}

net::LetterCase letter_case_of(ListName list) {
    return list == ListName::clients_fqdn_whitelist ? net::LetterCase::matters : net::LetterCase::ignored;
}

}  // namespace sqlgrey::lists
