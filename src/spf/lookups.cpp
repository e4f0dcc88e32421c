#include "lookups.hpp"

#include "sqlgrey/base/ascii.hpp"

#include <algorithm>

namespace sqlgrey::spf {
namespace {

using net::AnswerKind;
using net::DnsAnswer;
using net::DnsQuestion;
using net::RecordType;

std::string_view reason_of(AnswerKind kind) {
    switch (kind) {
        case AnswerKind::timeout:
            return "no answer in time";
        case AnswerKind::malformed:
            return "the answer cannot be parsed";
        default:
            return "the name server reports a failure";
    }
}

std::string type_name(RecordType type) {
    switch (type) {
        case RecordType::a:
            return "A";
        case RecordType::aaaa:
            return "AAAA";
        case RecordType::mx:
            return "MX";
        case RecordType::txt:
            return "TXT";
        case RecordType::ptr:
            break;
    }
    return "PTR";
}

DnsQuestion question_of(const std::string& name, RecordType type) {
    std::string asked = base::ascii_lower(name);
    if (asked.ends_with('.')) asked.pop_back();
    return {std::move(asked), type};
}

}  // namespace

void Lookups::count_term() {
    if (++terms_ > most_terms)
        throw EvaluationError{Verdict::permerror,
                              "more than " + std::to_string(most_terms) + " terms ask DNS"};
}

void Lookups::count_void_lookup(const std::string& lookup) {
    if (++void_lookups_ > most_void_lookups)
        throw EvaluationError{Verdict::permerror, "more than " + std::to_string(most_void_lookups) +
                                                      " lookups find nothing, the last is " + lookup};
}

const DnsAnswer* Lookups::known(const std::string& name, RecordType type) const {
    const DnsQuestion question = question_of(name, type);
    if (!net::is_dns_name(question.name)) return nullptr;
    const auto found = answers_.find(question);
    if (found == answers_.end()) throw MissingAnswers{{question}};
    return &found->second;
}

const DnsAnswer* Lookups::counted(const std::string& name, RecordType type) {
    const DnsAnswer* answer = known(name, type);
    if (!answer) return nullptr;
    if (net::is_temporary(answer->kind))
        throw EvaluationError{Verdict::temperror,
                              type_name(type) + " of " + name + ": " + std::string{reason_of(answer->kind)}};
    if (net::is_void(answer->kind)) count_void_lookup(type_name(type) + " of " + name);
    return answer;
}

// Asks for all at once what would be asked for one after the other.
void Lookups::need_all(const std::vector<std::string>& names) const {
    Questions missing;
    for (const std::string& name : names) {
        DnsQuestion question = question_of(name, family());
        if (net::is_dns_name(question.name) && !answers_.contains(question) &&
            std::ranges::find(missing, question) == missing.end())
            missing.push_back(std::move(question));
    }
    if (!missing.empty()) throw MissingAnswers{std::move(missing)};
}

std::optional<Record> Lookups::record(const std::string& domain) {
    const DnsAnswer* answer = counted(domain, RecordType::txt);
    if (!answer) return {};
    const auto is_one = [](const std::string& text) { return is_record(text); };
    const auto first = std::ranges::find_if(answer->texts, is_one);
    if (first == answer->texts.end()) return {};
    if (std::find_if(first + 1, answer->texts.end(), is_one) != answer->texts.end())
        throw EvaluationError{Verdict::permerror, domain + " has more than one SPF record"};
    try {
        return parse_record(*first);
    } catch (const SyntaxError& error) {
        throw EvaluationError{Verdict::permerror, "the record of " + domain + ": " + error.what()};
    }
}

std::vector<net::Address> Lookups::addresses(const std::string& host) {
    const DnsAnswer* answer = counted(host, family());
    return answer ? answer->addresses : std::vector<net::Address>{};
}

std::vector<net::Address> Lookups::mail_server_addresses(const std::string& domain) {
    const DnsAnswer* answer = counted(domain, RecordType::mx);
    if (!answer) return {};
    if (answer->texts.size() > most_names)
        throw EvaluationError{Verdict::permerror,
                              domain + " has more than " + std::to_string(most_names) + " MX records"};
    need_all(answer->texts);
    std::vector<net::Address> all;
    for (const std::string& host : answer->texts) {
        const auto some = addresses(host);
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

bool Lookups::has_ipv4_address(const std::string& name) {
    const DnsAnswer* answer = counted(name, RecordType::a);
    return answer && !answer->addresses.empty();
}

std::vector<std::string> Lookups::validated_names(const net::Address& client, VoidLookup void_lookup) {
    const std::string reverse = net::reverse_name(client);
    const DnsAnswer* pointers = known(reverse, RecordType::ptr);
    if (net::is_void(pointers->kind) && void_lookup == VoidLookup::counts)
        count_void_lookup("PTR of " + reverse);
    std::vector<std::string> names = pointers->texts;
    if (names.size() > most_names) names.resize(most_names);
    need_all(names);
    std::erase_if(names, [&](const std::string& name) {
        const DnsAnswer* answer = known(name, family());
        return !answer || std::ranges::find(answer->addresses, client) == answer->addresses.end();
    });
    return names;
}

std::string Lookups::text(const std::string& name) {
    const DnsAnswer* answer = known(name, RecordType::txt);
    return answer && answer->texts.size() == 1 ? answer->texts.front() : std::string{};
}

}  // namespace sqlgrey::spf
