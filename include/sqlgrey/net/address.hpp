// IP addresses as text Postfix sends, and the forms the tables hold (behaviour.md section 5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::net {

struct Address {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{};  // IPv4 in the first four
    bool operator==(const Address&) const = default;
};

// The address, or nothing if the text is not one. No brackets, no zone, no host names.
std::optional<Address> parse_address(std::string_view text);

// Eight groups of four lower-case hex digits.
std::string expanded(const Address& v6);
// The first three bytes, "192.0.2".
std::string class_c(const Address& v4);
// EUI-64 interface identifier in global unicast space (2000::/3): the /64 is one network.
bool is_eui64_global(const Address& v6);
// The first four groups of `expanded`.
std::string prefix64(const Address& v6);

}  // namespace sqlgrey::net
