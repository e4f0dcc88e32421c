// Column widths (sql/README.md) that more than one module cuts text to. Those of senders and recipients are
// in mail/address.hpp.
#pragma once

#include <cstddef>

namespace sqlgrey::greylist {

inline constexpr std::size_t max_src = 39;  // characters; an IPv6 address in full

}  // namespace sqlgrey::greylist
