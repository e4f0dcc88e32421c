#include "sqlgrey/net/address.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace sqlgrey::net {
namespace {

constexpr std::size_t groups = 8;
constexpr int bits_of_group = 16;
constexpr int longest_with_colons = 112;

void append_group(std::string& out, const Address& v6, std::size_t group) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const std::uint8_t byte : {v6.bytes[2 * group], v6.bytes[2 * group + 1]}) {
        out += digits[byte >> 4];
        out += digits[byte & 0xf];
    }
}

std::string first_groups(const Address& v6, std::size_t count, std::string_view between = ":") {
    std::string out;
    for (std::size_t group = 0; group < count; ++group) {
        if (group > 0) out += between;
        append_group(out, v6, group);
    }
    return out;
}

std::string first_bytes(const Address& v4, std::size_t count) {
    std::string out;
    for (std::size_t byte = 0; byte < count; ++byte) {
        if (byte > 0) out += '.';
        out += std::to_string(v4.bytes[byte]);
    }
    return out;
}

// The address with all bits after the first `length` set to 0.
Address masked(Address address, int length) {
    for (std::uint8_t& byte : address.bytes) {
        const int kept = std::clamp(length, 0, 8);
        byte = static_cast<std::uint8_t>(byte & (0xff << (8 - kept)));
        length -= 8;
    }
    return address;
}

std::string network_v4(const Address& v4, int length) {
    if (length % 8 == 0) return first_bytes(v4, static_cast<std::size_t>(length / 8));
    return first_bytes(masked(v4, length), 4) + '/' + std::to_string(length);
}

std::string network_v6(const Address& v6, int length) {
    const auto touched = static_cast<std::size_t>((length + bits_of_group - 1) / bits_of_group);
    if (length % bits_of_group == 0) return first_groups(v6, touched);
    return first_groups(masked(v6, length), touched, length > longest_with_colons ? "" : ":") + '/' +
           std::to_string(length);
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    // inet_pton(3) needs a NUL at the end, and would stop at one inside the text.
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
    return first_bytes(v4, 3);
}

bool is_eui64_global(const Address& v6) {
    const bool is_global_unicast = v6.bytes[0] >> 5 == 1;
    return is_global_unicast && v6.bytes[11] == 0xff && v6.bytes[12] == 0xfe;
}

std::string prefix64(const Address& v6) {
    return first_groups(v6, groups / 2);
}

std::string network(const Address& address, int length) {
    return address.v6 ? network_v6(address, length) : network_v4(address, length);
}

}  // namespace sqlgrey::net
