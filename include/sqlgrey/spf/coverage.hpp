// The networks that the SPF record of a domain covers: clients in them get the result pass, whatever the
// sender's name and HELO are. Two clients that the same record covers are servers of the same sender.
//
// What a record says with exists, ptr or macros cannot be compiled to networks. Such a term is left out if it
// could only add clients; if it could exclude some, or be an error for some mails, the record covers nothing.
// A client that is covered passes unless DNS fails.
#pragma once

#include "sqlgrey/spf/evaluate.hpp"

namespace sqlgrey::spf {

// A record that covers more says nothing about who sends. Large providers cover about half a million IPv4
// addresses.
inline constexpr std::uint64_t most_ipv4_addresses = std::uint64_t{1} << 22U;
// Networks of /64, as many as four of /32 hold; a provider usually has one of /32.
inline constexpr std::uint64_t most_ipv6_networks = std::uint64_t{1} << 34U;
inline constexpr std::size_t most_networks = 500;

struct Network {
    net::Address address;  // with the bits behind `length` as they are in the record
    int length = 0;
    bool operator==(const Network&) const = default;
};

// "198.51.100.0/24", "2001:db8::/32": with the bits behind the length set to 0.
std::string text_of(const Network& network);

struct Coverage {
    std::vector<Network> networks{};  // in the order of the record; none twice
    std::string why_none{};           // why there are none; from outside in part: escape it
};

// What the record covers of IPv4 clients, or of IPv6 clients (the limits of lookups count for each by
// itself); or what must be asked before, as evaluate() returns it. Empty, with the reason, if the record has
// an error, covers more than the limits above, or a network that is for documentation (RFC 5737, RFC 3849).
// Throws only std::bad_alloc.
std::variant<Coverage, Questions> covered(const std::string& domain, bool v6, const net::DnsAnswers& answers);

// True if the client is in one of the networks.
bool covers(const Coverage& coverage, const net::Address& client);

}  // namespace sqlgrey::spf
