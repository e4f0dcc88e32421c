// DNS servers that anybody may use. DNS lists refuse to answer them, because they cannot count for whom they
// ask.
#pragma once

#include "sqlgrey/net/address.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::dns {

// Who runs the server, if it is one of the well-known public ones.
std::optional<std::string_view> operator_of_public_resolver(const net::Address& server);

// The servers that a text in the form of resolv.conf(5) names, as the C library takes them: three at most. A
// zone behind an IPv6 address (fe80::1%eth0) is left out.
std::vector<net::Address> nameservers_in(std::string_view resolv_conf);

// The servers that questions reach: those of /etc/resolv.conf, and behind systemd-resolved's address those
// that it asks. None if the files cannot be read.
std::vector<net::Address> nameservers_of_system();

}  // namespace sqlgrey::dns
