#include "macros.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/net/dns_answer.hpp"
#include "sqlgrey/spf/record.hpp"

#include <algorithm>
#include <vector>

#include <arpa/inet.h>

namespace sqlgrey::spf {
namespace {

constexpr std::string_view delimiters = ".-+,/_=";
constexpr std::size_t longest_name = 253;

struct Macro {
    char letter = 0;        // as written; '%', '_' or '-' for %%, %_ and %-
    std::size_t right = 0;  // so many parts from the right; 0: all
    bool reverse = false;
    std::string_view split{};  // at these characters
    std::size_t size = 0;      // of its text
};

[[noreturn]] void refuse(std::string_view text, const char* expected) {
    throw SyntaxError("\"" + std::string{text.substr(0, 60)} + "\": " + expected);
}

// "{d2r-}": what follows the percent sign.
Macro braced_macro(std::string_view text) {
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos || end < 3) refuse(text, "expected a macro like %{d}");
    Macro macro{.letter = text[2], .size = end + 1};
    std::string_view rest = text.substr(3, end - 3);
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits > 0) {
        // More than 255 parts is the same as all.
        for (const char c : rest.substr(0, digits))
            macro.right = std::min<std::size_t>(macro.right * 10 + static_cast<std::size_t>(c - '0'), 255);
        if (macro.right == 0) refuse(text.substr(0, macro.size), "expected at least one part");
    }
    rest.remove_prefix(digits);
    macro.reverse = !rest.empty() && (rest[0] == 'r' || rest[0] == 'R');
    if (macro.reverse) rest.remove_prefix(1);
    if (rest.find_first_not_of(delimiters) != std::string_view::npos)
        refuse(text.substr(0, macro.size),
               "expected digits, r and . - + , / _ = after the letter of a macro");
    macro.split = rest.empty() ? std::string_view{"."} : rest;
    return macro;
}

// The macro at the beginning of `text`, which begins with a percent sign.
Macro macro_at(std::string_view text) {
    if (text.size() < 2) refuse(text, "expected %{, %%, %_ or %- instead of a single %");
    if (text[1] == '%' || text[1] == '_' || text[1] == '-') return {.letter = text[1], .size = 2};
    if (text[1] != '{') refuse(text, "expected %{, %%, %_ or %- instead of a single %");
    return braced_macro(text);
}

void check_letter(const Macro& macro, MacroPlace place, std::string_view text) {
    if (macro.letter == '%' || macro.letter == '_' || macro.letter == '-') return;
    const std::string_view letters = place == MacroPlace::domain ? "slodiphv" : "slodiphvcrt";
    if (letters.find(base::ascii_lower(macro.letter)) == std::string_view::npos)
        refuse(text.substr(0, macro.size), "there is no such macro here");
}

// alphanumeric at both ends, hyphens between, not only digits.
bool is_top_label(std::string_view label) {
    const auto alphanumeric = [](char c) { return base::is_letter(c) || base::is_digit(c); };
    if (label.empty() || !alphanumeric(label.front()) || !alphanumeric(label.back())) return false;
    return std::ranges::all_of(label, [&](char c) { return alphanumeric(c) || c == '-'; }) &&
           !std::ranges::all_of(label, base::is_digit);
}

// The address, for IPv6 in nibbles: "2.0.0.1.0.D.B.8 ...".
std::string dotted(const net::Address& address) {
    std::string reversed = net::reverse_name(address);
    reversed.resize(reversed.size() - (address.v6 ? 9 : 13));  // ".ip6.arpa", ".in-addr.arpa"
    if (address.v6) {
        std::ranges::transform(reversed, reversed.begin(),
                               [](char c) { return base::is_lower(c) ? c - 'a' + 'A' : c; });
        return {reversed.rbegin(), reversed.rend()};
    }
    std::string text;
    for (std::size_t i = 0; i < 4; ++i) text += (i > 0 ? "." : "") + std::to_string(address.bytes[i]);
    return text;
}

std::string readable(const net::Address& address) {
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
    return text;
}

std::string value_of(char letter, const MacroValues& values) {
    switch (letter) {
        case 's':
            return std::string{values.local_part} + '@' + std::string{values.sender_domain};
        case 'l':
            return std::string{values.local_part};
        case 'o':
            return std::string{values.sender_domain};
        case 'd':
            return std::string{values.domain};
        case 'i':
            return dotted(values.client);
        case 'p':
            return values.validated_name();
        case 'v':
            return values.client.v6 ? "ip6" : "in-addr";
        case 'h':
            return std::string{values.helo};
        case 'c':
            return readable(values.client);
        case 't':
            return std::to_string(base::epoch(values.now));
        default:
            return "unknown";  // r, the name of the receiving host, which RFC 7208 allows to hide
    }
}

// Splits, reverses, keeps the parts on the right, and joins with dots.
std::string transformed(const std::string& value, const Macro& macro) {
    if (macro.right == 0 && !macro.reverse && macro.split == ".") return value;
    std::vector<std::string_view> parts;
    std::string_view rest = value;
    for (std::size_t at; (at = rest.find_first_of(macro.split)) != std::string_view::npos;) {
        parts.push_back(rest.substr(0, at));
        rest.remove_prefix(at + 1);
    }
    parts.push_back(rest);
    if (macro.reverse) std::ranges::reverse(parts);
    const std::size_t first = macro.right > 0 && macro.right < parts.size() ? parts.size() - macro.right : 0;
    std::string text{parts[first]};
    for (std::size_t i = first + 1; i < parts.size(); ++i) text += '.' + std::string{parts[i]};
    return text;
}

std::string url_escaped(const std::string& value) {
    constexpr std::string_view digits = "0123456789ABCDEF", unreserved = "-._~";
    std::string text;
    for (const char c : value) {
        if (base::is_letter(c) || base::is_digit(c) || unreserved.find(c) != std::string_view::npos) {
            text += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        text.append({'%', digits[byte >> 4], digits[byte & 0xf]});
    }
    return text;
}

std::string replacement(const Macro& macro, const MacroValues& values) {
    if (macro.letter == '%') return "%";
    if (macro.letter == '_') return " ";
    if (macro.letter == '-') return "%20";
    const char letter = base::ascii_lower(macro.letter);
    const std::string text = transformed(value_of(letter, values), macro);
    return letter == macro.letter ? text : url_escaped(text);
}

}  // namespace

bool check_macros(std::string_view text, MacroPlace place) {
    bool ends_with_macro = false;
    while (!text.empty()) {
        const bool is_space = text[0] == ' ' && place == MacroPlace::explanation;
        if (!is_space && (text[0] < '!' || text[0] > '~')) refuse(text, "expected visible ASCII characters");
        ends_with_macro = text[0] == '%';
        std::size_t size = 1;
        if (ends_with_macro) {
            const Macro macro = macro_at(text);
            check_letter(macro, place, text);
            size = macro.size;
        }
        text.remove_prefix(size);
    }
    return ends_with_macro;
}

void check_domain_spec(std::string_view text) {
    if (text.empty()) throw SyntaxError("expected a domain");
    if (check_macros(text, MacroPlace::domain)) return;
    std::string_view name = text;
    if (name.ends_with('.')) name.remove_suffix(1);
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || !is_top_label(name.substr(dot + 1)))
        refuse(text, "expected a domain with at least two labels, the last of letters");
}

std::string expand(std::string_view text, const MacroValues& values) {
    std::string expanded;
    while (!text.empty()) {
        const std::size_t percent = std::min(text.find('%'), text.size());
        expanded += text.substr(0, percent);
        text.remove_prefix(percent);
        if (text.empty()) break;
        const Macro macro = macro_at(text);
        expanded += replacement(macro, values);
        text.remove_prefix(macro.size);
    }
    return expanded;
}

std::string expand_name(std::string_view spec, const MacroValues& values) {
    std::string name = expand(spec, values);
    if (name.ends_with('.')) name.pop_back();
    while (name.size() > longest_name) {
        const std::size_t dot = name.find('.', name.size() - longest_name - 1);
        if (dot == std::string::npos) break;  // a label that is too long: no name to ask about
        name.erase(0, dot + 1);
    }
    return name;
}

}  // namespace sqlgrey::spf
