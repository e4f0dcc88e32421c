// What is found out about an unknown client between its first attempt and its retry: what DNS lists, SPF and
// p0f say. Facts are rows of the table `fact`, which all hosts on the database share; decisions read them in
// the second lookup, for strangers only. A fact may always be missing: no decision waits for one.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/net/address.hpp"
#include "sqlgrey/spf/evaluate.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::greylist {

// What a fact is about: a client (domain empty), a client that sends mail of a domain, or a domain (client
// empty). Text as stored: with privacy_key_file, hashes.
struct FactSubject {
    std::string client;  // its address
    std::string domain;  // of the sender
    auto operator<=>(const FactSubject&) const = default;
};

// A row of the table `fact`. What `value` means depends on `source`:
//
//   source       subject          value
//   asked        any              "done", or "asking" and who, for a while: see FactStore::claim()
//   dnswl ZONE   client           the trust, "none" to "high"; "-": the list does not have the client
//   dnsbl ZONE   client           weight and codes, "2 127.0.0.2,127.0.0.4"; "-": the list does not have it
//   spf          client, domain   result as RFC 7208 writes it: "pass"
//   spf          domain           how many networks the record covers; "-" and why it covers none
//   p0f_os       client           operating system, "Linux 3.11 and newer"
//   p0f_link     client           kind of link, "Ethernet or modem"
//   p0f_distance client           hops
struct Fact {
    FactSubject subject;
    std::string source;
    std::string value;
    base::Time expires_at;
    bool operator==(const Fact&) const = default;
};

inline constexpr std::size_t max_fact_source = 160;  // bytes
inline constexpr std::size_t max_fact_value = 255;   // bytes

// Trust in a client by a DNS whitelist (dnswl.org/?page_id=15).
enum class Trust { none, low, medium, high };
// "none", "low", "medium", "high".
std::string_view name_of(Trust trust);
std::optional<Trust> trust_of(std::string_view name);

// All facts about one client and sender's domain that are known.
struct ClientFacts {
    bool complete = false;         // nothing is left to be asked
    std::optional<Trust> dnswl{};  // the highest of the lists that have the client
    std::int64_t dnsbl = 0;        // the weights of the lists that have the client, added up
    std::string dnsbl_zones{};     // those lists, with commas between them
    std::optional<spf::Verdict> spf{};
    bool spf_covers = false;  // the client is in a network that the domain's SPF record covers
    std::string p0f_os{};     // empty: not known
    std::string p0f_link{};
    std::optional<std::int64_t> p0f_distance{};
    bool operator==(const ClientFacts&) const = default;
};

// The facts of these rows, which are about one client, one domain and both together, and have not expired.
// They are complete if all has been asked about the client and, if these are asked about, about both
// (with_domain) and about the domain (with_networks: another host may be asking about it). Sources and values
// that are not understood are left out, because another version may have written them. spf_covers is left
// false.
ClientFacts facts_of(std::span<const Fact> rows, bool with_domain, bool with_networks = false);

// The address as text that sorts as the address does: 32 hexadecimal digits, an IPv4 address as in
// ::ffff:192.0.2.1.
std::string address_key(const net::Address& address);

// First and last address of a network, as address_key() writes them.
struct AddressRange {
    std::string first, last;
    auto operator<=>(const AddressRange&) const = default;
};

}  // namespace sqlgrey::greylist
