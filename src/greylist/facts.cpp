#include "sqlgrey/greylist/facts.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace sqlgrey::greylist {
namespace {

constexpr std::array<std::pair<std::string_view, Trust>, 4> trusts{
    {{"none", Trust::none}, {"low", Trust::low}, {"medium", Trust::medium}, {"high", Trust::high}}};

constexpr std::array verdicts{spf::Verdict::none,     spf::Verdict::neutral,  spf::Verdict::pass,
                              spf::Verdict::fail,     spf::Verdict::softfail, spf::Verdict::temperror,
                              spf::Verdict::permerror};

// Of a list: more than all its entries can add up to. What is beyond was not written by us, and is left out.
constexpr std::int64_t most_weight = 1'000'000;

// The number at the start of the text, up to a blank or the end; nothing if there is none.
std::optional<std::int64_t> leading_number(std::string_view text) {
    std::int64_t number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc{} || (end != last && *end != ' ')) return {};
    return number;
}

std::optional<spf::Verdict> verdict_of(std::string_view word) {
    for (const spf::Verdict verdict : verdicts)
        if (spf::name_of(verdict) == word) return verdict;
    return {};
}

void add_to(ClientFacts& facts, const Fact& row) {
    const std::string_view source = row.source;
    if (source.starts_with("dnswl ")) {
        const auto trust = trust_of(row.value);
        if (trust && (!facts.dnswl || *trust > *facts.dnswl)) facts.dnswl = trust;
    } else if (source.starts_with("dnsbl ")) {
        const auto weight = leading_number(row.value);
        if (!weight || *weight < 1 || *weight > most_weight) return;
        facts.dnsbl += *weight;
        facts.dnsbl_zones += (facts.dnsbl_zones.empty() ? "" : ",") + row.source.substr(6);
    } else if (source == "spf") {
        facts.spf = verdict_of(row.value);
    } else if (source == "p0f_os") {
        facts.p0f_os = row.value;
    } else if (source == "p0f_link") {
        facts.p0f_link = row.value;
    } else if (source == "p0f_distance") {
        facts.p0f_distance = leading_number(row.value);
    }
}

}  // namespace

std::string_view name_of(Trust trust) {
    return trusts[static_cast<std::size_t>(trust)].first;
}

std::optional<Trust> trust_of(std::string_view name) {
    for (const auto& [word, trust] : trusts)
        if (word == name) return trust;
    return {};
}

ClientFacts facts_of(std::span<const Fact> rows, bool with_domain, bool with_networks) {
    ClientFacts facts;
    bool client_is_done = false;
    bool both_are_done = !with_domain;
    bool domain_is_done = !with_networks;
    for (const Fact& row : rows) {
        const bool is_done = row.source == "asked" && row.value == "done";
        const bool is_of_domain = row.subject.client.empty();
        if (is_done && is_of_domain)
            domain_is_done = true;
        else if (is_done)
            (row.subject.domain.empty() ? client_is_done : both_are_done) = true;
        else if (!is_of_domain)
            add_to(facts, row);
    }
    facts.complete = client_is_done && both_are_done && domain_is_done;
    return facts;
}

std::string address_key(const net::Address& address) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string key = address.v6 ? std::string{} : std::string(20, '0') + "ffff";
    const std::size_t bytes = address.v6 ? 16 : 4;
    for (std::size_t i = 0; i < bytes; ++i) {
        const unsigned byte = address.bytes[i];
        key += {digits[byte >> 4U], digits[byte & 15U]};
    }
    return key;
}

}  // namespace sqlgrey::greylist
