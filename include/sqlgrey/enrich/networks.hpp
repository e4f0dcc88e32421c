// The networks that an SPF record covers, as rows.
#pragma once

#include "sqlgrey/greylist/facts.hpp"
#include "sqlgrey/spf/coverage.hpp"

#include <span>
#include <string>
#include <vector>

namespace sqlgrey::enrich {

// The addresses of these networks, IPv4 and IPv6, none twice, in ascending order. IPv6 networks in which
// IPv4 addresses may be written (::ffff:0:0/96) are left out: they would cover IPv4 clients.
std::vector<greylist::AddressRange> ranges_of(std::span<const spf::Network> networks);

// True if one of the ranges, which ranges_of() made, has the address.
bool has(std::span<const greylist::AddressRange> ranges, const net::Address& address);

// The addresses of this machine's interfaces. A record that covers one of them would cover anybody who writes
// it. Throws std::system_error if the kernel does not tell.
std::vector<net::Address> own_addresses();

}  // namespace sqlgrey::enrich
