#pragma once

#include "sqlgrey/net/dns_answer.hpp"

#include <span>

namespace sqlgrey::dns {

// The number of the type in a message (RFC 1035, RFC 3596).
int number_of(net::RecordType type);

// What a DNS message says, of any hostile bytes: its records of that type, or `nxdomain` or `servfail` by its
// code. Only records of the name that the message's question has count, or of the one that its CNAMEs lead
// to. `malformed` if it ends too early, has wrong lengths or names, is no answer, is cut off, or has records
// of the type for other names only; `no_data` if there is no such record. c-ares has a function for each
// type, but none gives the TTL of TXT and MX, and it takes unknown codes for "no error"; its
// ares_expand_name() reads the names here.
net::DnsAnswer parse_answer(std::span<const unsigned char> message, net::RecordType type);

// True if the server says that it has left something out. Over TCP, where nothing need be left out, that is
// no answer: what is missing may matter.
bool is_cut_off(std::span<const unsigned char> message);

}  // namespace sqlgrey::dns
