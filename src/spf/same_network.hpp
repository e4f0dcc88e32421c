#pragma once

#include "sqlgrey/net/address.hpp"

namespace sqlgrey::spf {

// True if both are of one family and their first `length` bits are the same.
bool same_network(const net::Address& one, const net::Address& other, int length);

}  // namespace sqlgrey::spf
