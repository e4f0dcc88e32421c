#include "sqlgrey/enrich/inquiry.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/enrich/networks.hpp"
#include "sqlgrey/greylist/triplet.hpp"
#include "sqlgrey/mail/address.hpp"
#include "sqlgrey/spf/coverage.hpp"
#include "sqlgrey/spf/record.hpp"

#include <algorithm>

namespace sqlgrey::enrich {
namespace {

using greylist::Fact;
using net::AnswerKind;
using spf::Questions;

// An A record set with more is no mail server's, and no SPF record with as many is compiled.
constexpr std::size_t most_addresses = 1000;
// RFC 7208 section 4.6.4: an eleventh name of an MX is an error, one of a PTR is not looked at.
constexpr std::size_t most_names = 11;
// A second SPF record is an error, a third is no worse.
constexpr std::size_t most_records = 2;

// -- how long -----------------------------------------------------------------------------------

struct Age {
    std::optional<base::Seconds> ttl;
    bool has_errors = false;  // DNS could not tell

    void add(const net::DnsAnswer& answer) {
        has_errors = has_errors || net::is_temporary(answer.kind);
        if (answer.kind == AnswerKind::records) ttl = std::min(ttl.value_or(answer.ttl), answer.ttl);
    }
    base::Seconds keep() const { return has_errors ? keep_of_errors : kept_for(ttl); }
};

Age age_of(const net::DnsAnswers& answers) {
    Age age;
    for (const auto& [question, answer] : answers) age.add(answer);
    return age;
}

// Adds `asked`. It expires with the first fact, or after `at_most`.
void add_asked(const Inquiry& inquiry, base::Time now, base::Seconds at_most, Found& found) {
    base::Time expires = now + at_most;
    if (inquiry.others_expire) expires = std::min(expires, *inquiry.others_expire);
    for (const Fact& fact : found.facts) expires = std::min(expires, fact.expires_at);
    found.facts.push_back({inquiry.subject, "asked", "done", expires});
}

// -- p0f ----------------------------------------------------------------------------------------

void add_p0f(const greylist::FactSubject& subject, const Fingerprint& said, base::Time expires,
             Found& found) {
    const auto add = [&](std::string_view source, const std::string& value) {
        if (!value.empty())
            found.facts.push_back(
                {subject, std::string{source}, greylist::storable(value, greylist::max_fact_value), expires});
    };
    add("p0f_os", said.os);
    add("p0f_link", said.link);
    if (said.distance) add("p0f_distance", std::to_string(*said.distance));
}

// -- lists --------------------------------------------------------------------------------------

bool has_failed_test(const Inquiry& inquiry, const AskLists& ask, const DnsList& list) {
    if (!ask.tested.contains(list.zone)) return false;
    const ListAnswer said = meaning_of_test(list, inquiry.answers.at(test_question(list)));
    return said.kind == ListAnswer::Kind::refused;
}

std::variant<Found, Questions> next_of(const Inquiry& inquiry, const AskLists& ask, base::Time now) {
    Questions questions;
    const auto want = [&](net::DnsQuestion question) {
        if (!inquiry.answers.contains(question)) questions.push_back(std::move(question));
    };
    for (const DnsList& list : ask.lists) {
        want(question_of(list, ask.client));
        if (ask.tested.contains(list.zone)) want(test_question(list));
    }
    if (!questions.empty()) return questions;
    Found found;
    base::Seconds asked_for = ask.some_left_out ? keep_of_errors : longest_asked;
    for (const DnsList& list : ask.lists) {
        if (has_failed_test(inquiry, ask, list)) {
            asked_for = std::min(asked_for, keep_of_errors);
            continue;
        }
        const net::DnsAnswer& answer = inquiry.answers.at(question_of(list, ask.client));
        ListAnswer meaning = meaning_of(list, answer);
        const std::string source = source_of(list);
        if (meaning.value.empty()) {
            asked_for = keep_of_errors;
        } else {
            Age age;
            age.add(answer);
            const bool is_listing =
                list.kind == DnsList::Kind::black && meaning.kind == ListAnswer::Kind::listed;
            const base::Seconds keep = std::max(age.keep(), is_listing ? ask.keep_listed : base::Seconds{0});
            found.facts.push_back({inquiry.subject, source, meaning.value, now + keep});
        }
        found.lists.push_back({source, std::move(meaning)});
    }
    if (ask.p0f) add_p0f(inquiry.subject, *ask.p0f, now + keep_of_p0f, found);
    add_asked(inquiry, now, asked_for, found);
    return found;
}

// -- SPF ----------------------------------------------------------------------------------------

std::variant<Found, Questions> next_of(const Inquiry& inquiry, const AskSpf& ask, base::Time now) {
    auto result = spf::evaluate(ask.check, inquiry.answers);
    if (auto* questions = std::get_if<Questions>(&result)) return std::move(*questions);
    const spf::Verdict verdict = std::get<spf::Result>(result).verdict;
    base::Seconds keep = age_of(inquiry.answers).keep();
    if (verdict == spf::Verdict::fail) keep = std::max(keep, ask.keep_fail);
    Found found;
    found.facts.push_back({inquiry.subject, "spf", std::string{spf::name_of(verdict)}, now + keep});
    add_asked(inquiry, now, keep, found);
    return found;
}

struct Covered {
    std::vector<greylist::AddressRange> ranges;
    std::string why_none;
};

Covered covered_of(const AskNetworks& ask, const spf::Coverage& v4, const spf::Coverage& v6) {
    std::vector<spf::Network> networks = v4.networks;
    networks.insert(networks.end(), v6.networks.begin(), v6.networks.end());
    Covered covered{ranges_of(networks), v4.why_none};
    const auto is_covered = [&](const net::Address& own) { return has(covered.ranges, own); };
    if (std::ranges::any_of(ask.own, is_covered)) return {{}, "it covers an address of this host"};
    if (covered.why_none.empty()) covered.why_none = "it has no network that counts";
    return covered;
}

std::variant<Found, Questions> next_of(const Inquiry& inquiry, const AskNetworks& ask, base::Time now) {
    auto v4 = spf::covered(ask.domain, false, inquiry.answers);
    auto v6 = spf::covered(ask.domain, true, inquiry.answers);
    Questions questions;
    for (auto* one : {std::get_if<Questions>(&v4), std::get_if<Questions>(&v6)})
        if (one) questions.insert(questions.end(), one->begin(), one->end());
    std::ranges::sort(questions);
    questions.erase(std::unique(questions.begin(), questions.end()), questions.end());
    if (!questions.empty()) return questions;

    Covered covered = covered_of(ask, std::get<spf::Coverage>(v4), std::get<spf::Coverage>(v6));
    const Age age = age_of(inquiry.answers);
    const base::Seconds keep = age.keep();
    const std::string value = covered.ranges.empty()
                                  ? greylist::storable("- " + covered.why_none, greylist::max_fact_value)
                                  : std::to_string(covered.ranges.size());
    Found found;
    found.facts.push_back({inquiry.subject, "spf", value, now + keep});
    add_asked(inquiry, now, keep, found);
    // While DNS cannot tell, those that were found before remain.
    if (!age.has_errors)
        found.networks = {inquiry.subject.domain, std::move(covered.ranges),
                          now + std::max(keep, shortest_keep_of_networks)};
    return found;
}

}  // namespace

base::Seconds kept_for(std::optional<base::Seconds> ttl) {
    return ttl ? std::clamp(*ttl, shortest_keep, longest_keep) : keep_of_nothing;
}

std::variant<Found, Questions> next(const Inquiry& inquiry, base::Time now) {
    return std::visit([&](const auto& ask) { return next_of(inquiry, ask, now); }, inquiry.about);
}

void shorten(net::DnsAnswer& answer, net::RecordType type) {
    if (answer.addresses.size() > most_addresses) answer.addresses.resize(most_addresses);
    answer.addresses.shrink_to_fit();
    if (type == net::RecordType::txt) {
        std::erase_if(answer.texts, [](const std::string& text) { return !spf::is_record(text); });
        if (answer.texts.size() > most_records) answer.texts.resize(most_records);
        for (std::string& text : answer.texts) {
            if (text.size() > spf::longest_record) text.resize(spf::longest_record + 1);  // still an error
            text.shrink_to_fit();
        }
    }
    if (answer.texts.size() > most_names) answer.texts.resize(most_names);
    answer.texts.shrink_to_fit();
}

std::optional<std::string> domain_of_sender(std::string_view sender) {
    const auto domain = mail::domain_after_last_at(sender);
    if (!domain) return {};
    std::string name = base::ascii_lower(*domain);
    if (!net::is_dns_name(name)) return {};
    return name;
}

}  // namespace sqlgrey::enrich
