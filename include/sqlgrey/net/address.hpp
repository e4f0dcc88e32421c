// IP addresses as Postfix sends them, and in the forms that the tables hold (src/greylist/README.md section
// 5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::net {

// An IPv4 or IPv6 address.
struct Address {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{};  // IPv4 in the first four
    bool operator==(const Address&) const = default;
};

// The address, or nothing if the text is none. Brackets, zones and host names are not accepted.
std::optional<Address> parse_address(std::string_view text);

// Eight groups of four lower-case hex digits.
std::string expanded(const Address& v6);
// The first three bytes, "192.0.2".
std::string class_c(const Address& v4);
// EUI-64 interface identifier in global unicast space (2000::/3): the /64 is one network.
bool is_eui64_global(const Address& v6);
// The first four groups of `expanded`.
std::string prefix64(const Address& v6);

// The network of `address` with that many leading bits (IPv4 1 to 32, IPv6 1 to 128), in lower case, at most
// 39 bytes. Each network and each length has a text of its own:
//   IPv4  whole bytes as dotted numbers, "192.0.2.1" (32), "192.0.2" (24), "192.0", "192"; any other length
//         as "192.0.0.0/20"
//   IPv6  whole groups as in `expanded`, "2001:0db8:0000:000a" (64); any other length as the groups it
//         covers in part or whole, "2001:0db8:0000:0a00/56"; from 113 to 127 without colons, to fit
std::string network(const Address& address, int length);

}  // namespace sqlgrey::net
