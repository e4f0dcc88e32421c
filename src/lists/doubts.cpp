#include "doubts.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <libpsl.h>

namespace sqlgrey::lists {
namespace {

constexpr std::string_view undefined = "-undef-";  // as SQLgrey 1.8 stores a missing sender or domain

// No owner has an IPv4 network larger than a /8, and no IPv6 network wider than a /16 is allocated.
constexpr unsigned widest_v4 = 8;
constexpr unsigned widest_v6 = 16;

bool is_blacklist(ListName list) {
    return list == ListName::blacklist_clients || list == ListName::blacklist_senders;
}

bool is_about_clients(ListName list) {
    switch (list) {
        case ListName::clients_ip_whitelist:
        case ListName::clients_fqdn_whitelist:
        case ListName::whitelist_clients:
        case ListName::never_whitelist_clients:
        case ListName::blacklist_clients:
            return true;
        case ListName::whitelist_recipients:
        case ListName::whitelist_senders:
        case ListName::never_whitelist_senders:
        case ListName::blacklist_senders:
            break;
    }
    return false;
}

// What an entry that matches everything does; the entry is the subject.
std::string consequence(ListName list) {
    if (is_blacklist(list)) return "refuses nearly everybody";
    if (list == ListName::never_whitelist_clients || list == ListName::never_whitelist_senders)
        return "keeps nearly everybody off the auto-whitelists";
    return "turns greylisting off for nearly everybody";
}

// Multicast and reserved IPv4 addresses; unique local, link local and multicast IPv6 addresses. No client has
// one, but published lists of unusable networks contain them.
bool is_without_clients(const Network& network) {
    constexpr unsigned first_v4 = 224, length_v4 = 3, first_v6 = 0xfc, length_v6 = 6;
    const unsigned first = network.address.bytes[0];
    if (network.address.v6) return network.length >= length_v6 && first >= first_v6;
    return network.length >= length_v4 && first >= first_v4;
}

bool is_wide(const Network& network) {
    const unsigned widest = network.address.v6 ? widest_v6 : widest_v4;
    return network.length < widest && !is_without_clients(network);
}

// Ignores the rule "*" of the list, by which every name without a dot is a public suffix: "localhost" and
// "lan" are valid entries.
bool is_public_suffix(const std::string& domain) {
    const psl_ctx_t* suffixes = ::psl_builtin();
    return suffixes != nullptr &&
           ::psl_is_public_suffix2(suffixes, domain.c_str(), PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) == 1;
}

// An expression that matches everything below "co.uk".
std::string as_expression(const std::string& domain) {
    std::string out = "/\\.";
    for (const char c : domain) out += c == '.' ? std::string{"\\."} : std::string{c};
    return out + "$/";
}

// These share only what every name or address has, a dot or an '@'. Their letters and lengths differ, and
// only some have digits, so an expression that is found in all of them matches nearly everything.
constexpr std::array<std::string_view, 7> unlike_names{"q.jp",
                                                       "mx1.example.org",
                                                       "mail-wr1-f41.google.com",
                                                       "192-0-2-77.pool.vkt.xn--p1ai",
                                                       "7.fiw.co.uk",
                                                       "smtp_out.zzz.info",
                                                       "h8k.bd.museum"};
constexpr std::array<std::string_view, 7> unlike_addresses{"q@z.jp",
                                                           "john.smith@example.org",
                                                           "bounce-17-x=y.net@lists.uni-kassel.de",
                                                           "7@1und1.museum",
                                                           "w_k@f.xn--p1ai",
                                                           "0a1b2c@fd.com.br",
                                                           "o'neil+tag@ccc.co.uk"};

bool finds_all(const net::Pattern& pattern, std::span<const std::string_view> texts) {
    return std::all_of(texts.begin(), texts.end(),
                       [&](std::string_view text) { return pattern.found_in(text); });
}

}  // namespace

std::vector<Doubt> doubts_about(ListName list, const Network& network) {
    std::vector<Doubt> doubts;
    if (is_wide(network))
        doubts.push_back({is_blacklist(list), "a network wider than a /8 (IPv6: a /16) " + consequence(list) +
                                                  "; write the networks that you mean"});
    if (has_host_bits(network))
        doubts.push_back({false, "host bits are set and do not count; it is read as " + shown(network) +
                                     "; write that, or the address without a length if you mean one host"});
    return doubts;
}

std::vector<Doubt> doubts_about(ListName list, const Key& key) {
    if (key.text == "<>" && is_blacklist(list))
        return {{false,
                 "bounces have the empty sender: reports about mail that your own users have sent are "
                 "refused"}};
    if (key.text == undefined || key.text.ends_with("@" + std::string{undefined}))
        return {{false,
                 "this is how the log and the tables show an empty sender or a missing domain; no mail comes "
                 "from there, write <> for the empty sender"}};
    if (key.text.find('@') != std::string::npos || !is_public_suffix(key.text)) return {};
    if (key.scope == Scope::itself)
        return {{false, "only " + key.text +
                            " itself matches, a public suffix that sends no mail; write "
                            "the domain that you mean"}};
    return {
        {is_blacklist(list), key.text +
                                 " is a public suffix, under which anybody can have a name; write a longer "
                                 "name, or " +
                                 as_expression(key.text) + " if you really mean all of them"}};
}

std::vector<Doubt> doubts_about(ListName list, const P0fEntry& entry) {
    if (!entry.is_any) return {};
    return {{is_blacklist(list), "p0f says something about nearly every client, so this " +
                                     consequence(list) + "; write the systems that you mean"}};
}

std::vector<Doubt> doubts_about(ListName list, const net::Pattern& pattern) {
    const bool finds_everybody =
        is_about_clients(list) ? finds_all(pattern, unlike_names) : finds_all(pattern, unlike_addresses);
    if (finds_everybody)
        return {{is_blacklist(list), "an expression that is found in every " +
                                         std::string{is_about_clients(list) ? "name " : "address "} +
                                         consequence(list) + "; write one that matches only what you mean"}};
    if (list == ListName::blacklist_senders && pattern.found_in(""))
        return {{false,
                 "the expression also matches the empty sender of bounces: reports about mail that "
                 "your own users have sent are refused"}};
    return {};
}

}  // namespace sqlgrey::lists
