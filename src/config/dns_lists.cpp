// The entries of dnswl and dnsbl: which zones are asked, and which of their answers count for how much.
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/values.hpp"
#include "sqlgrey/log/logger.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <arpa/inet.h>

namespace sqlgrey::config {
namespace {

// A name of DNS has 253 bytes, and the digits of an IPv6 address in front of the zone 64.
constexpr std::size_t longest_zone = 150;
// Each zone is one question for each unknown client.
constexpr std::size_t most_entries = 64;
constexpr std::size_t most_codes = 32;

struct Form {
    std::string_view example;
    std::string_view worth;  // what may stand behind the asterisk
    std::optional<int> (*read_worth)(std::string_view);
};

std::optional<int> weight_of(std::string_view text) {
    try {
        return static_cast<int>(read_number(text, {1, 100}));
    } catch (const std::invalid_argument&) {
        return {};
    }
}

std::optional<int> trust_of(std::string_view text) {
    constexpr std::array<std::string_view, 4> names{"none", "low", "medium", "high"};
    const auto* const found = std::ranges::find(names, base::ascii_lower(text));
    if (found == names.end()) return {};
    return static_cast<int>(found - names.begin());
}

constexpr Form dnsbl_form{"zen.spamhaus.org or zen.spamhaus.org=127.0.0.2-3,127.0.0.9*2",
                          "a weight from 1 to 100", weight_of};
constexpr Form dnswl_form{"list.dnswl.org or wl.example.org=127.0.0.18-20*medium",
                          "none, low, medium or high", trust_of};

[[noreturn]] void refuse(const Form& form, std::string_view entry, const std::string& why) {
    throw std::invalid_argument("expected zones of DNS lists with commas between, such as " +
                                std::string{form.example} + "; \"" + log::escape(entry) + "\": " + why);
}

bool is_label(std::string_view label) {
    const auto fits = [](char c) { return base::is_letter(c) || base::is_digit(c) || c == '-' || c == '_'; };
    return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, fits);
}

bool is_zone(std::string_view name) {
    if (name.size() > longest_zone || name.find('.') == std::string_view::npos) return false;
    std::string_view label;
    while (true) {
        const std::size_t dot = name.find('.');
        label = name.substr(0, dot);
        if (!is_label(label)) return false;
        if (dot == std::string_view::npos) return !std::ranges::all_of(label, base::is_digit);
        name.remove_prefix(dot + 1);
    }
}

std::optional<std::uint32_t> number_of(std::string_view address) {
    in_addr parsed{};
    if (::inet_pton(AF_INET, std::string{address}.c_str(), &parsed) != 1) return {};
    return ntohl(parsed.s_addr);
}

// "127.0.0.2" or "127.0.0.4-11", within 127.0.0.0/8: other addresses are answers of servers that redirect.
std::optional<DnsListEntry::Codes> codes_of(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto first = number_of(text.substr(0, dash));
    if (!first || *first >> 24U != 127) return {};
    if (dash == std::string_view::npos) return DnsListEntry::Codes{*first, *first};
    try {
        const std::uint32_t least = *first & 255U;
        const auto last = static_cast<std::uint32_t>(read_number(text.substr(dash + 1), {least, 255}));
        return DnsListEntry::Codes{*first, *first - least + last};
    } catch (const std::invalid_argument&) {
        return {};
    }
}

bool begins_with_code(std::string_view item) {
    return !item.empty() && base::is_digit(item[0]) && item.find('=') == std::string_view::npos &&
           codes_of(item.substr(0, item.find('*'))).has_value();
}

// Reads the code at the end of an entry, and the worth behind it.
void add_code(const Form& form, DnsListEntry& entry, std::string_view text) {
    const std::size_t asterisk = text.find('*');
    const std::string_view code = text.substr(0, asterisk);
    const auto codes = codes_of(code);
    if (!codes)
        refuse(form, code,
               "a code is an address that begins with 127, or a range of its last number, as in "
               "127.0.0.4-11");
    if (entry.worth) refuse(form, text, "a code stands before the asterisk");
    if (entry.codes.size() == most_codes)
        refuse(form, entry.zone, "more than " + std::to_string(most_codes) + " codes");
    entry.codes.push_back(*codes);
    if (asterisk == std::string_view::npos) return;
    entry.worth = form.read_worth(text.substr(asterisk + 1));
    if (!entry.worth) refuse(form, text, "expected " + std::string{form.worth} + " after the asterisk");
}

DnsListEntry entry_of(const Form& form, std::string_view item) {
    const std::size_t end = item.find_first_of("=*");
    DnsListEntry entry{base::ascii_lower(item.substr(0, end)), {}};
    if (!is_zone(entry.zone)) refuse(form, item.substr(0, end), "this is not the name of a zone");
    if (end == std::string_view::npos) return entry;
    const std::string_view rest = item.substr(end + 1);
    if (item[end] == '=') {
        add_code(form, entry, rest);
        return entry;
    }
    entry.worth = form.read_worth(rest);
    if (!entry.worth) refuse(form, item, "expected " + std::string{form.worth} + " after the asterisk");
    return entry;
}

std::vector<DnsListEntry> read_entries(const Form& form, std::string_view text) {
    std::vector<DnsListEntry> entries;
    for (const std::string& item : read_list(text)) {
        if (begins_with_code(item) && !entries.empty() && !entries.back().codes.empty()) {
            add_code(form, entries.back(), item);
            continue;
        }
        if (entries.size() == most_entries)
            refuse(form, item, "there are more than " + std::to_string(most_entries) + " entries");
        entries.push_back(entry_of(form, item));
    }
    return entries;
}

}  // namespace

std::vector<DnsListEntry> read_dnsbl(std::string_view text) {
    return read_entries(dnsbl_form, text);
}

std::vector<DnsListEntry> read_dnswl(std::string_view text) {
    return read_entries(dnswl_form, text);
}

}  // namespace sqlgrey::config
