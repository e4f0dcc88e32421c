#include "sqlgrey/spf/record.hpp"

#include "macros.hpp"
#include "sqlgrey/base/ascii.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sqlgrey::spf {
namespace {

constexpr std::string_view version = "v=spf1";

constexpr std::array names{std::pair{std::string_view{"all"}, Mechanism::all},
                           std::pair{std::string_view{"include"}, Mechanism::include},
                           std::pair{std::string_view{"a"}, Mechanism::a},
                           std::pair{std::string_view{"mx"}, Mechanism::mx},
                           std::pair{std::string_view{"ptr"}, Mechanism::ptr},
                           std::pair{std::string_view{"ip4"}, Mechanism::ip4},
                           std::pair{std::string_view{"ip6"}, Mechanism::ip6},
                           std::pair{std::string_view{"exists"}, Mechanism::exists}};

[[noreturn]] void refuse(std::string_view term, const std::string& expected) {
    throw SyntaxError("\"" + std::string{term.substr(0, 100)} + "\": " + expected);
}

std::optional<Qualifier> qualifier_of(char c) {
    switch (c) {
        case '+':
            return Qualifier::pass;
        case '-':
            return Qualifier::fail;
        case '~':
            return Qualifier::softfail;
        case '?':
            return Qualifier::neutral;
        default:
            return {};
    }
}

// Digits without a leading zero, from 0 to `most`; -1 for anything else.
int length_of(std::string_view digits, int most) {
    if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return -1;
    int length = 0;
    for (const char c : digits) {
        if (!base::is_digit(c)) return -1;
        length = length * 10 + (c - '0');
    }
    return length > most ? -1 : length;
}

// Takes "/24", "//64" or "/24//64" off the end of `rest`.
void take_lengths(std::string_view& rest, Term& term) {
    const auto take = [&](std::string_view slash, int most, int& length) {
        const std::size_t digits = rest.find_last_not_of("0123456789") + 1;  // 0 if there are only digits
        if (digits == rest.size() || digits < slash.size() || !rest.substr(0, digits).ends_with(slash))
            return;
        length = length_of(rest.substr(digits), most);
        if (length < 0) refuse(term.text, "expected at most " + std::to_string(most) + " bits");
        rest.remove_suffix(rest.size() - digits + slash.size());
    };
    take("//", 128, term.length6);
    take("/", 32, term.length4);
}

void parse_network(std::string_view rest, Term& term) {
    const bool v6 = term.mechanism == Mechanism::ip6;
    if (!rest.starts_with(':')) refuse(term.text, "expected : and an address");
    rest.remove_prefix(1);
    const std::size_t slash = rest.find('/');
    if (slash != std::string_view::npos) {
        const int length = length_of(rest.substr(slash + 1), v6 ? 128 : 32);
        if (length < 0) refuse(term.text, v6 ? "expected at most 128 bits" : "expected at most 32 bits");
        (v6 ? term.length6 : term.length4) = length;
    }
    const auto address = net::parse_address(rest.substr(0, slash));
    if (!address || address->v6 != v6)
        refuse(term.text, v6 ? "expected an IPv6 address" : "expected an IPv4 address");
    term.address = *address;
}

// `rest` is what follows the name of the mechanism.
void parse_arguments(std::string_view rest, Term& term) {
    switch (term.mechanism) {
        case Mechanism::ip4:
        case Mechanism::ip6:
            return parse_network(rest, term);
        case Mechanism::a:
        case Mechanism::mx:
            take_lengths(rest, term);
            break;
        case Mechanism::include:
        case Mechanism::exists:
            if (!rest.starts_with(':')) refuse(term.text, "expected : and a domain");
            break;
        case Mechanism::all:
            if (!rest.empty()) refuse(term.text, "expected nothing after all");
            break;
        case Mechanism::ptr:
            break;
    }
    if (rest.empty()) return;
    if (!rest.starts_with(':')) refuse(term.text, "expected : and a domain");
    term.domain = rest.substr(1);
    check_domain_spec(term.domain);
}

Term parse_mechanism(std::string_view text) {
    Term term{.text = std::string{text}};
    std::string_view rest = text;
    if (const auto qualifier = qualifier_of(rest[0])) {
        term.qualifier = *qualifier;
        rest.remove_prefix(1);
    }
    const std::size_t end = std::min(rest.find_first_of(":/"), rest.size());
    const std::string name = base::ascii_lower(rest.substr(0, end));
    const auto found = std::ranges::find(names, name, &decltype(names)::value_type::first);
    if (found == names.end())
        refuse(text, "expected all, include, a, mx, ptr, ip4, ip6, exists, or a name and =");
    term.mechanism = found->second;
    parse_arguments(rest.substr(end), term);
    return term;
}

// The name before "=", or nothing if the term is no modifier.
std::optional<std::string> modifier_name(std::string_view term) {
    const std::size_t end = term.find_first_of(":/=");
    if (end == std::string_view::npos || term[end] != '=' || !base::is_letter(term[0])) return {};
    const std::string_view name = term.substr(0, end);
    const auto allowed = [](char c) {
        return base::is_letter(c) || base::is_digit(c) || c == '-' || c == '_' || c == '.';
    };
    if (!std::ranges::all_of(name, allowed)) return {};
    return base::ascii_lower(name);
}

void parse_modifier(const std::string& name, std::string_view text, Record& record) {
    const std::string value{text.substr(name.size() + 1)};
    if (name != "redirect" && name != "exp") {
        check_macros(value, MacroPlace::explanation);
        return;
    }
    std::optional<std::string>& place = name == "exp" ? record.explanation : record.redirect;
    if (place) refuse(text, "expected " + name + "= at most once");
    check_domain_spec(value);
    place = value;
}

}  // namespace

bool is_record(std::string_view txt) {
    if (txt.size() < version.size() || base::ascii_lower(txt.substr(0, version.size())) != version)
        return false;
    return txt.size() == version.size() || txt[version.size()] == ' ';
}

Record parse_record(std::string_view txt) {
    if (txt.size() > longest_record)
        throw SyntaxError("the record has " + std::to_string(txt.size()) + " bytes, expected at most " +
                          std::to_string(longest_record));
    Record record;
    for (std::string_view rest = txt.substr(version.size()); !rest.empty();) {
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        const std::string_view term = rest.substr(0, rest.find(' '));
        rest.remove_prefix(term.size());
        if (term.empty()) continue;
        if (const auto name = modifier_name(term))
            parse_modifier(*name, term, record);
        else
            record.terms.push_back(parse_mechanism(term));
    }
    return record;
}

}  // namespace sqlgrey::spf
