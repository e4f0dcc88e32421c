// How much of a client's address its host name holds. A name made of the address is one of many that a
// provider has given its lines or machines, each for another customer. Pure.
#pragma once

#include "sqlgrey/net/address.hpp"

#include <string_view>

namespace sqlgrey::net {

enum class AddressInName {
    absent,
    part,   // two octets, or two groups of IPv6: servers are numbered so too
    whole,  // three octets or groups and more: no chance
};

// `organisation` is the registrable domain of the name, both in lower case. Of IPv4 the octets count, in any
// order: decimal, with zeros in front, in hexadecimal, run together (217.18.64 as 2171864), or all of them as
// one number. Of IPv6 the groups that are not 0 count, with an x in front too, and so do eight nibbles and
// more in a row, forward or reversed. A part counts in front of the organisation only: 163.com holds a
// number.
AddressInName address_in_name(std::string_view name, std::string_view organisation, const Address& address);

}  // namespace sqlgrey::net
