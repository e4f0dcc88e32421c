#include "sqlgrey/net/address.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace sqlgrey::net {
namespace {

constexpr std::size_t groups = 8;

void append_group(std::string& out, const Address& v6, std::size_t group) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const std::uint8_t byte : {v6.bytes[2 * group], v6.bytes[2 * group + 1]}) {
        out += digits[byte >> 4];
        out += digits[byte & 0xf];
    }
}

std::string first_groups(const Address& v6, std::size_t count) {
    std::string out;
    for (std::size_t group = 0; group < count; ++group) {
        if (group > 0) out += ':';
        append_group(out, v6, group);
    }
    return out;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    // inet_pton(3) wants a NUL behind the text and would take one inside it for the end.
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    if (text.size() >= buffer.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
    std::copy(text.begin(), text.end(), buffer.begin());
    Address address;
    if (::inet_pton(AF_INET, buffer.data(), address.bytes.data()) == 1) return address;
    address.v6 = true;
    if (::inet_pton(AF_INET6, buffer.data(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

std::string expanded(const Address& v6) {
    return first_groups(v6, groups);
}

std::string class_c(const Address& v4) {
    return std::to_string(v4.bytes[0]) + "." + std::to_string(v4.bytes[1]) + "." +
           std::to_string(v4.bytes[2]);
}

bool is_eui64_global(const Address& v6) {
    const bool is_global_unicast = v6.bytes[0] >> 5 == 1;
    return is_global_unicast && v6.bytes[11] == 0xff && v6.bytes[12] == 0xfe;
}

std::string prefix64(const Address& v6) {
    return first_groups(v6, groups / 2);
}

}  // namespace sqlgrey::net
