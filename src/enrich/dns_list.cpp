#include "sqlgrey/enrich/dns_list.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace sqlgrey::enrich {
namespace {

using greylist::Trust;

constexpr std::uint32_t address(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return a << 24U | b << 16U | c << 8U | d;
}

std::uint32_t number_of(const net::Address& v4) {
    return address(v4.bytes[0], v4.bytes[1], v4.bytes[2], v4.bytes[3]);
}

std::string text_of(std::uint32_t code) {
    std::string text;
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        text += (text.empty() ? "" : ".") + std::to_string(code >> shift & 255U);
    return text;
}

bool is_in(std::uint32_t code, CodeRange range) {
    return range.first <= code && code <= range.last;
}
bool is_in(std::uint32_t code, const std::vector<CodeRange>& ranges) {
    return std::ranges::any_of(ranges, [&](CodeRange range) { return is_in(code, range); });
}

// -- what lists document ------------------------------------------------------------------------

bool is_zone_or_below(std::string_view zone, std::string_view top) {
    if (!zone.ends_with(top)) return false;
    return zone.size() == top.size() || zone[zone.size() - top.size() - 1] == '.';
}

// All zones of Spamhaus about addresses (www.spamhaus.org/faqs/dnsbl-usage), also those with a customer's key
// in front (docs.spamhaus.com).
bool is_spamhaus(std::string_view zone) {
    return is_zone_or_below(zone, "spamhaus.org") || is_zone_or_below(zone, "spamhaus.net");
}

// Of other lists: RFC 5782 recommends 127.0.0.2 for a listing, and they use numbers behind it for kinds of
// it. 127.0.0.1 must not be a listing, and several answer it, or 127.0.0.255, to those whom they refuse.
CodeRange known_of_blacklist(std::string_view zone) {
    constexpr std::uint32_t first = address(127, 0, 0, 2);
    return is_spamhaus(zone) ? CodeRange{first, address(127, 0, 0, 11)}
                             : CodeRange{first, address(127, 0, 0, 254)};
}

// 127.0.CATEGORY.TRUST (dnswl.org/?page_id=15), with categories 2 to 15 and 20. 127.0.0.255 is for those who
// are blocked; rspamd takes category 10 for that too, and so do we: a client must never pass by mistake.
bool is_trust(std::uint32_t code) {
    const std::uint32_t category = code >> 8U & 255U;
    return code >> 16U == (127U << 8U) && (code & 255U) <= 3 && category >= 1 && category <= 20 &&
           category != 10;
}

// Addresses that no list gives for a client, whatever the settings say.
bool never_counts(DnsList::Kind kind, std::uint32_t code) {
    const bool of_spamhaus = code >> 8U == address(127, 255, 255, 0) >> 8U;
    return of_spamhaus || code >> 24U != 127 ||
           (kind == DnsList::Kind::white && code == address(127, 0, 0, 255));
}

// A code that the settings name, or that the list documents; other codes of a list are no error if the
// settings name some.
bool is_expected(const DnsList& list, std::uint32_t code) {
    if (never_counts(list.kind, code)) return false;
    const auto names = [&](const DnsList::Entry& entry) { return is_in(code, entry.codes); };
    if (std::ranges::any_of(list.entries, names)) return true;
    if (list.kind == DnsList::Kind::black) return is_in(code, known_of_blacklist(list.zone));
    const auto is_special = [](const DnsList::Entry& entry) { return entry.trust || !entry.codes.empty(); };
    return is_trust(code) ||
           (std::ranges::any_of(list.entries, is_special) && is_in(code, known_of_blacklist(list.zone)));
}

// -- answers that refuse ------------------------------------------------------------------------

constexpr std::string_view own_resolver =
    "the list answers no public resolver: ask through a resolver of your own (dns_servers)";

// What an answer means that no list gives for a client; empty if that is not known.
std::string reason_of_error(const DnsList& list, std::uint32_t code) {
    if (code == address(127, 255, 255, 252)) return "the zone is mistyped: correct it in the settings";
    if (code == address(127, 255, 255, 254)) return std::string{own_resolver};
    if (code == address(127, 255, 255, 255))
        return "too many questions: the list wants an agreement with those who ask as much";
    const bool blocks = code == address(127, 0, 0, 255) || code >> 8U == address(127, 0, 10, 0) >> 8U;
    if (list.kind == DnsList::Kind::white && blocks)
        return "the list refuses these questions, because there are too many or " + std::string{own_resolver};
    if (code >> 24U != 127)
        return "no list gives such an answer: the zone is no list any more, or a DNS server answers for "
               "names that do not exist, as some providers do for advertising; delete the list or use a "
               "resolver of your own (dns_servers)";
    return {};
}

ListAnswer refused(const DnsList& list, std::uint32_t code) {
    std::string reason = reason_of_error(list, code);
    if (reason.empty())
        reason =
            "no code of a listing: read the list's pages, and write the codes that count into the "
            "settings";
    return {.kind = ListAnswer::Kind::refused, .code = text_of(code), .reason = std::move(reason)};
}

// What no list gives for a client, so that it has not done that with others, either.
bool is_error(const DnsList& list, std::uint32_t code) {
    if (never_counts(list.kind, code)) return true;
    return !is_expected(list, code) && !reason_of_error(list, code).empty();
}

ListAnswer failed_test(const DnsList& list, std::uint32_t code) {
    ListAnswer answer = refused(list, code);
    if (is_error(list, code)) return answer;
    answer.reason =
        "it has 127.0.0.1, which no list that works has (RFC 5782), so it may list everybody: "
        "delete it from the settings, or correct it if it is your own";
    answer.lists_everybody = true;
    return answer;
}

std::vector<std::uint32_t> codes_of(const net::DnsAnswer& answer) {
    std::vector<std::uint32_t> codes;
    for (const net::Address& one : answer.addresses) codes.push_back(number_of(one));
    std::ranges::sort(codes);
    return codes;
}

// -- answers that count -------------------------------------------------------------------------

// An entry without codes counts all that are expected.
bool counts(const DnsList::Entry& entry, std::uint32_t code) {
    return entry.codes.empty() || is_in(code, entry.codes);
}

// What a whitelist says with this code; nothing if the settings leave it out.
std::optional<Trust> trust_of(const DnsList& list, std::uint32_t code) {
    std::optional<Trust> highest;
    for (const DnsList::Entry& entry : list.entries) {
        if (!counts(entry, code)) continue;
        const std::uint32_t last = code & 255U;
        const Trust trust = entry.trust.value_or(last <= 3 ? static_cast<Trust>(last) : Trust::none);
        if (!entry.trust && entry.codes.empty() && !is_trust(code)) continue;
        highest = std::max(highest.value_or(trust), trust);
    }
    return highest;
}

ListAnswer listed_as(const std::vector<std::uint32_t>& codes, const DnsList& list) {
    std::optional<Trust> highest;
    for (const std::uint32_t code : codes)
        if (const auto trust = trust_of(list, code)) highest = std::max(highest.value_or(*trust), *trust);
    if (!highest) return {ListAnswer::Kind::not_listed, "-"};
    return {ListAnswer::Kind::listed, std::string{greylist::name_of(*highest)}};
}

// The weights of all entries that one of the codes matches, and those codes.
ListAnswer weighed(const std::vector<std::uint32_t>& codes, const DnsList& list) {
    int weight = 0;
    std::string counted;
    for (const DnsList::Entry& entry : list.entries) {
        const auto matches = [&](std::uint32_t code) { return counts(entry, code); };
        if (std::ranges::any_of(codes, matches)) weight += entry.weight.value_or(1);
    }
    if (weight == 0) return {ListAnswer::Kind::not_listed, "-"};
    std::string value = std::to_string(weight) + ' ';
    for (const std::uint32_t code : codes) {
        const auto has = [&](const DnsList::Entry& entry) { return counts(entry, code); };
        const std::string text = (counted.empty() ? "" : ",") + text_of(code);
        if (!std::ranges::any_of(list.entries, has)) continue;
        if (value.size() + counted.size() + text.size() > greylist::max_fact_value) break;
        counted += text;
    }
    return {ListAnswer::Kind::listed, value + counted};
}

}  // namespace

std::string source_of(const DnsList& list) {
    return (list.kind == DnsList::Kind::white ? "dnswl " : "dnsbl ") + list.zone;
}

bool is_public(const net::Address& client) {
    const auto& bytes = client.bytes;
    if (client.v6) {
        const bool unique_local = (bytes[0] & 0xfe) == 0xfc;
        const bool link_local = bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
        const bool unspecified_or_loopback =
            std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t byte) { return byte == 0; });
        return !unique_local && !link_local && !unspecified_or_loopback;
    }
    constexpr std::array internal{
        CodeRange{address(0, 0, 0, 0), address(0, 255, 255, 255)},
        CodeRange{address(10, 0, 0, 0), address(10, 255, 255, 255)},
        CodeRange{address(100, 64, 0, 0), address(100, 127, 255, 255)},
        CodeRange{address(127, 0, 0, 0), address(127, 255, 255, 255)},
        CodeRange{address(169, 254, 0, 0), address(169, 254, 255, 255)},
        CodeRange{address(172, 16, 0, 0), address(172, 31, 255, 255)},
        CodeRange{address(192, 168, 0, 0), address(192, 168, 255, 255)},
    };
    const std::uint32_t number = number_of(client);
    return std::ranges::none_of(internal, [&](CodeRange range) { return is_in(number, range); });
}

net::DnsQuestion question_of(const DnsList& list, const net::Address& client) {
    const std::string reverse = net::reverse_name(client);
    // Without "in-addr.arpa" or "ip6.arpa".
    const std::size_t digits = reverse.rfind('.', reverse.rfind('.') - 1);
    return {reverse.substr(0, digits + 1) + list.zone, net::RecordType::a};
}

ListAnswer meaning_of(const DnsList& list, const net::DnsAnswer& answer) {
    if (net::is_void(answer.kind)) return {ListAnswer::Kind::not_listed, "-"};
    if (answer.kind != net::AnswerKind::records) return {};
    const std::vector<std::uint32_t> codes = codes_of(answer);
    for (const std::uint32_t code : codes)
        if (!is_expected(list, code)) return refused(list, code);
    return list.kind == DnsList::Kind::white ? listed_as(codes, list) : weighed(codes, list);
}

net::DnsQuestion test_question(const DnsList& list) {
    static const net::Address loopback = net::parse_address("127.0.0.1").value();
    return question_of(list, loopback);
}

ListAnswer meaning_of_test(const DnsList& list, const net::DnsAnswer& answer) {
    if (net::is_void(answer.kind)) return {ListAnswer::Kind::not_listed, "-"};
    const std::vector<std::uint32_t> codes = codes_of(answer);
    if (answer.kind != net::AnswerKind::records || codes.empty()) return {};
    // One that refuses says more than a listing beside it.
    const auto refuses = [&](std::uint32_t code) { return is_error(list, code); };
    const auto found = std::ranges::find_if(codes, refuses);
    return failed_test(list, found == codes.end() ? codes.front() : *found);
}

}  // namespace sqlgrey::enrich
