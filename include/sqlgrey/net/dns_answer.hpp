// A question to DNS and its answer, as values: what a resolver gives and what an evaluation asks for.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/net/address.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::net {

enum class RecordType { a, aaaa, mx, txt, ptr };

struct DnsQuestion {
    std::string name;  // in lower case, without a dot at its end; is_dns_name() holds
    RecordType type = RecordType::a;
    auto operator<=>(const DnsQuestion&) const = default;
};

enum class AnswerKind {
    records,    // at least one record of the type
    no_data,    // the name exists, without such a record
    nxdomain,   // the name does not exist
    servfail,   // the server could not or would not find out
    timeout,    // no answer in time
    malformed,  // an answer that cannot be parsed
};

// True for an answer that says that there is nothing: RFC 7208 calls that a void lookup.
constexpr bool is_void(AnswerKind kind) {
    return kind == AnswerKind::no_data || kind == AnswerKind::nxdomain;
}
// True if asking again may give another answer.
constexpr bool is_temporary(AnswerKind kind) {
    return kind == AnswerKind::servfail || kind == AnswerKind::timeout || kind == AnswerKind::malformed;
}

struct DnsAnswer {
    AnswerKind kind = AnswerKind::servfail;
    std::vector<Address> addresses{};  // of A and AAAA
    // The strings of each TXT record joined, as bytes; the host of each MX, by preference ("" for the root);
    // the name of each PTR.
    std::vector<std::string> texts{};
    base::Seconds ttl{0};  // the shortest of all records; 0 if there are none
    bool operator==(const DnsAnswer&) const = default;
};

using DnsAnswers = std::map<DnsQuestion, DnsAnswer>;

// True if a question can be asked about the name: 1 to 63 bytes between dots, 253 in all, none of them NUL.
bool is_dns_name(std::string_view name);

// "4.3.2.1.in-addr.arpa", or the 32 digits and "ip6.arpa".
std::string reverse_name(const Address& address);

}  // namespace sqlgrey::net
