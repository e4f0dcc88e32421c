// Widths of columns that more than one module cuts texts to (sql/README.md). Those of senders and recipients
// stand in mail/address.hpp.
#pragma once

#include <cstddef>

namespace sqlgrey::greylist {

inline constexpr std::size_t max_src = 39;  // characters; an IPv6 address in full

}  // namespace sqlgrey::greylist
