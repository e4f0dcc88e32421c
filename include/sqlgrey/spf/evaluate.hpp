// SPF (RFC 7208): may this client send mail of this domain? A pure function of the answers of DNS that are
// known: it returns the questions that it needs answered, and is called again with their answers too. So it
// waits for nothing and needs no thread.
//
//     net::DnsAnswers answers;
//     for (auto found = spf::evaluate(check, answers); ; found = spf::evaluate(check, answers))
//         if result: done; else: ask the questions, put the answers in
//
// Bounded for any record: 10 terms that ask, 2 void lookups, 10 names of an MX or PTR (section 4.6.4),
// records of 8,192 bytes. So at most 130 questions, in at most 40 calls.
#pragma once

#include "sqlgrey/net/dns_answer.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sqlgrey::spf {

struct Check {
    net::Address client{};  // an IPv4 address in IPv6 (::ffff:192.0.2.1) is taken as IPv4
    std::string helo{};
    std::string sender{};  // of the envelope; empty: postmaster of the name in HELO
    base::Time now{};      // for the macro %{t} of explanations
};

enum class Verdict { none, neutral, pass, fail, softfail, temperror, permerror };
// As RFC 7208 writes it: "pass".
std::string_view name_of(Verdict verdict);

struct Result {
    Verdict verdict = Verdict::none;
    std::string domain{};  // whose record decided, after redirect=
    // The terms that decided: that of the domain's record, and if that is an include, that of the included
    // record, and so on. Empty if none matched.
    std::vector<std::string> terms{};
    std::string reason{};       // why there is no record, or which error; from outside in part: escape it
    std::string explanation{};  // of a fail, if the domain publishes one; from outside
};

using Questions = std::vector<net::DnsQuestion>;

// The result, or what must be asked before (never empty, no question that has an answer). Throws only
// std::bad_alloc.
std::variant<Result, Questions> evaluate(const Check& check, const net::DnsAnswers& answers);

}  // namespace sqlgrey::spf
