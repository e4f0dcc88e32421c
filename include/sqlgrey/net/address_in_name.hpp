// How much of a client's address its host name contains. Providers make such names for lines or machines that
// belong to different customers. Pure.
#pragma once

#include "sqlgrey/net/address.hpp"

#include <string_view>

namespace sqlgrey::net {

enum class AddressInName {
    absent,
    part,   // two octets, or two groups of IPv6: servers may be numbered like that
    whole,  // three or more: not by chance
};

// `organisation` is the registrable domain of the name, both in lower case. IPv4: octets in any order, in
// decimal (also with leading zeros), in hexadecimal, run together (217.18.64 as 2171864), or the whole
// address as one number. IPv6: groups other than 0, also after an x, and runs of eight or more nibbles,
// forward or reversed. `part` counts only left of the organisation, because domains such as 163.com contain
// numbers.
AddressInName address_in_name(std::string_view name, std::string_view organisation, const Address& address);

}  // namespace sqlgrey::net
