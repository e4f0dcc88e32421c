#include "sqlgrey/enrich/networks.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <ifaddrs.h>
#include <netinet/in.h>

namespace sqlgrey::enrich {
namespace {

constexpr std::array<std::uint8_t, 16> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int mapped_length = 96;

// The bits of the byte that are within the first `length` of all.
std::uint8_t mask_of(std::size_t byte, int length) {
    const int bits = std::clamp(length - static_cast<int>(byte) * 8, 0, 8);
    return static_cast<std::uint8_t>(0xff00U >> static_cast<unsigned>(bits));
}

bool overlaps_mapped(const spf::Network& network) {
    const int length = std::min(network.length, mapped_length);
    for (std::size_t i = 0; i < 16; ++i)
        if (((network.address.bytes[i] ^ mapped_prefix[i]) & mask_of(i, length)) != 0) return false;
    return true;
}

greylist::AddressRange range_of(const spf::Network& network) {
    net::Address first = network.address, last = network.address;
    for (std::size_t i = 0; i < (first.v6 ? 16U : 4U); ++i) {
        const std::uint8_t mask = mask_of(i, network.length);
        first.bytes[i] &= mask;
        last.bytes[i] |= static_cast<std::uint8_t>(~mask);
    }
    return {greylist::address_key(first), greylist::address_key(last)};
}

std::optional<net::Address> address_of(const sockaddr* address) {
    net::Address found;
    if (address && address->sa_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
        std::copy_n(reinterpret_cast<const std::uint8_t*>(&v4->sin_addr), 4, found.bytes.begin());
        return found;
    }
    if (address && address->sa_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
        found.v6 = true;
        std::copy_n(reinterpret_cast<const std::uint8_t*>(&v6->sin6_addr), 16, found.bytes.begin());
        return found;
    }
    return {};
}

}  // namespace

// Two networks have nothing in common, or one is a part of the other.
std::vector<greylist::AddressRange> ranges_of(std::span<const spf::Network> networks) {
    std::vector<greylist::AddressRange> all;
    for (const spf::Network& network : networks)
        if (!network.address.v6 || !overlaps_mapped(network)) all.push_back(range_of(network));
    std::ranges::sort(all, [](const auto& left, const auto& right) {
        return left.first != right.first ? left.first < right.first : left.last > right.last;
    });
    std::vector<greylist::AddressRange> merged;
    for (greylist::AddressRange& range : all)
        if (merged.empty() || range.last > merged.back().last) merged.push_back(std::move(range));
    return merged;
}

bool has(std::span<const greylist::AddressRange> ranges, const net::Address& address) {
    const std::string key = greylist::address_key(address);
    return std::ranges::any_of(
        ranges, [&](const greylist::AddressRange& range) { return range.first <= key && key <= range.last; });
}

std::vector<net::Address> own_addresses() {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0)
        throw std::system_error(errno, std::system_category(), "the addresses of this machine are unknown");
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{first, ::freeifaddrs};
    std::vector<net::Address> addresses;
    for (const ifaddrs* one = first; one; one = one->ifa_next)
        if (const auto address = address_of(one->ifa_addr)) addresses.push_back(*address);
    return addresses;
}

}  // namespace sqlgrey::enrich
