#include "networks.hpp"

#include <array>
#include <limits>

#include <arpa/inet.h>

namespace sqlgrey::lists {
namespace {

template <class Number>
Number number_of(const net::Address& address, std::size_t from) {
    Number number = 0;
    for (std::size_t i = from; i < from + sizeof number; ++i)
        number = static_cast<Number>(number << 8 | address.bytes[i]);
    return number;
}

V4 v4_of(const net::Address& address) {
    return number_of<V4>(address, 0);
}

V6 v6_of(const net::Address& address) {
    return {number_of<std::uint64_t>(address, 0), number_of<std::uint64_t>(address, 8)};
}

// The number whose first `length` bits are 0 and whose others are 1.
template <class Number>
Number host_bits(unsigned length) {
    constexpr unsigned size = std::numeric_limits<Number>::digits;
    return length >= size ? Number{0} : static_cast<Number>(std::numeric_limits<Number>::max() >> length);
}

net::Address masked(const Network& network) {
    net::Address address = network.address;
    for (unsigned byte = 0; byte < address.bytes.size(); ++byte) {
        const unsigned kept = network.length > 8 * byte ? network.length - 8 * byte : 0;
        const auto gone = static_cast<std::uint8_t>(kept < 8 ? 0xffU >> kept : 0U);
        address.bytes[byte] = static_cast<std::uint8_t>(address.bytes[byte] & ~gone);
    }
    return address;
}

}  // namespace

bool has_host_bits(const Network& network) {
    return masked(network) != network.address;
}

std::string shown(const Network& network) {
    const net::Address address = masked(network);
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
    return std::string{text.data()} + "/" + std::to_string(network.length);
}

void Networks::add(const Network& network, std::int64_t line) {
    if (!network.address.v6) {
        const V4 number = v4_of(network.address);
        const V4 hosts = host_bits<V4>(network.length);
        v4_.add(number & ~hosts, number | hosts, line);
        return;
    }
    constexpr unsigned half = 64;
    const V6 number = v6_of(network.address);
    const auto high = host_bits<std::uint64_t>(network.length);
    const auto low = host_bits<std::uint64_t>(network.length < half ? 0 : network.length - half);
    v6_.add({number.high & ~high, number.low & ~low}, {number.high | high, number.low | low}, line);
}

void Networks::finish() {
    v4_.finish();
    v6_.finish();
}

std::optional<std::int64_t> Networks::find(const net::Address& address) const {
    return address.v6 ? v6_.find(v6_of(address)) : v4_.find(v4_of(address));
}

}  // namespace sqlgrey::lists
