// DNS white- and blacklists (RFC 5782): what a list is asked about a client, and what its answer means. Pure.
//
// Only answers that a list documents count. Lists answer those whom they refuse with addresses too, such as
// 127.255.255.254: taken for a listing, that would delay every mail, or let every spammer pass.
#pragma once

#include "sqlgrey/greylist/facts.hpp"
#include "sqlgrey/net/dns_answer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sqlgrey::enrich {

// IPv4 addresses as numbers, both included.
struct CodeRange {
    std::uint32_t first = 0, last = 0;
    bool operator==(const CodeRange&) const = default;
};

struct DnsList {
    enum class Kind { white, black };
    // Codes that count, and what for. Without codes those that are known of the zone.
    struct Entry {
        std::vector<CodeRange> codes{};
        std::optional<int> weight{};             // of a blacklist; nothing: 1
        std::optional<greylist::Trust> trust{};  // of a whitelist; nothing: as the code's last number says
        bool operator==(const Entry&) const = default;
    };
    Kind kind = Kind::black;
    std::string zone;  // in lower case
    std::vector<Entry> entries;
    bool operator==(const DnsList&) const = default;
};

// "dnswl ZONE" or "dnsbl ZONE": the source of its facts.
std::string source_of(const DnsList& list);

// False for clients that no list knows, because their addresses are used within networks only: loopback,
// private and link-local ones. Lists are not asked about them.
bool is_public(const net::Address& client);

// Whether the list has the client.
net::DnsQuestion question_of(const DnsList& list, const net::Address& client);

struct ListAnswer {
    enum class Kind {
        listed,
        not_listed,
        failed,  // no answer, or none that can be used; another question may have one
        refused  // an answer that says nothing about the client: the list is not to be asked for a while
    };
    Kind kind = Kind::failed;
    std::string value{};   // of listed and not_listed: that of the fact
    std::string code{};    // of refused: the address
    std::string reason{};  // of refused: what it means, and what to do
    // Of refused: what the list has said before may be wrong, too.
    bool lists_everybody = false;
};
ListAnswer meaning_of(const DnsList& list, const net::DnsAnswer& answer);

// Whether the list has 127.0.0.1. One that works does not (RFC 5782 section 5). Lists that were given up have
// begun to answer for every address: the domain was sold, or the operator wants to be asked no more.
net::DnsQuestion test_question(const DnsList& list);
// `not_listed` if the list has passed the test, `refused` if it has any record.
ListAnswer meaning_of_test(const DnsList& list, const net::DnsAnswer& answer);

}  // namespace sqlgrey::enrich
