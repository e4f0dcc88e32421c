// DNS in memory for tests of spf: records of a zone, and a check that is answered from them.
#pragma once

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/spf/coverage.hpp"
#include "sqlgrey/spf/evaluate.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace sqlgrey::spf {

struct Zone {
    std::map<net::DnsQuestion, std::vector<std::string>> records{};  // as text
    std::map<std::string, std::string> aliases{};                    // CNAME
    std::set<std::string> silent{};

    void add(const std::string& name, net::RecordType type, const std::string& data) {
        records[{base::ascii_lower(name), type}].push_back(data);
    }
    bool has(const std::string& name) const {
        return std::ranges::any_of(records, [&](const auto& record) { return record.first.name == name; });
    }

    net::DnsAnswer answer(net::DnsQuestion question) const {
        for (std::size_t steps = 0; aliases.contains(question.name); ++steps) {
            if (steps > aliases.size()) return {.kind = net::AnswerKind::servfail};
            question.name = aliases.at(question.name);
        }
        const auto found = records.find(question);
        if (found == records.end()) {
            if (silent.contains(question.name)) return {.kind = net::AnswerKind::timeout};
            return {.kind = has(question.name) ? net::AnswerKind::no_data : net::AnswerKind::nxdomain};
        }
        net::DnsAnswer answer{.kind = net::AnswerKind::records, .ttl = base::Seconds{300}};
        const bool is_address = question.type == net::RecordType::a || question.type == net::RecordType::aaaa;
        for (const std::string& data : found->second) {
            if (is_address)
                answer.addresses.push_back(net::parse_address(data).value());
            else
                answer.texts.push_back(data);
        }
        return answer;
    }
};

// What evaluate() or covered() returns in the end; `calls` and `asked` say what it needed.
template <typename Result>
struct Answered {
    Result result;
    net::DnsAnswers answers;
    int calls = 1;
};

template <typename Result, typename Function>
Answered<Result> answered(const Zone& zone, Function function) {
    Answered<Result> done;
    while (true) {
        auto found = function(done.answers);
        if (auto* result = std::get_if<Result>(&found)) {
            done.result = *result;
            return done;
        }
        const Questions& questions = std::get<Questions>(found);
        if (questions.empty()) throw std::logic_error("no question, no result");
        for (const net::DnsQuestion& question : questions)
            if (!done.answers.emplace(question, zone.answer(question)).second)
                throw std::logic_error("asked twice: " + question.name);
        ++done.calls;
    }
}

inline Answered<Result> check(const Zone& zone, const Check& check) {
    return answered<Result>(zone, [&](const net::DnsAnswers& answers) { return evaluate(check, answers); });
}

inline Coverage coverage(const Zone& zone, const std::string& domain, bool v6 = false) {
    return answered<Coverage>(zone,
                              [&](const net::DnsAnswers& answers) { return covered(domain, v6, answers); })
        .result;
}

}  // namespace sqlgrey::spf
