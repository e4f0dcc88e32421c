// Finds the network, among many, that contains an address.
//
// Networks are kept as sorted, disjoint ranges of numbers: of two networks that are not disjoint, one
// contains the other, and only the wider one is kept. An IPv4 network takes 16 bytes, an IPv6 network 40.
#pragma once

#include "sqlgrey/net/address.hpp"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace sqlgrey::lists {

struct Network {
    net::Address address;
    unsigned length = 0;  // of the prefix, in bits
};

// True if host bits are set. They are ignored.
bool has_host_bits(const Network& network);
// "192.0.2.0/24": without the host bits.
std::string shown(const Network& network);

using V4 = std::uint32_t;

// A number of 128 bits.
struct V6 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(const V6&) const = default;
};

template <class Number>
class Ranges {
  public:
    void add(Number first, Number last, std::int64_t line) { ranges_.push_back({first, last, line}); }

    // Call it once, when all are added.
    void finish() {
        // Of equal ranges the one from the earlier line is kept.
        std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) {
            return std::tie(a.first, b.last, a.line) < std::tie(b.first, a.last, b.line);
        });
        std::size_t kept = 0;
        for (const Range& range : ranges_) {
            const bool is_within = kept > 0 && range.last <= ranges_[kept - 1].last;
            if (!is_within) ranges_[kept++] = range;
        }
        ranges_.resize(kept);
        ranges_.shrink_to_fit();
    }

    std::optional<std::int64_t> find(Number number) const {
        const auto behind = std::upper_bound(ranges_.begin(), ranges_.end(), number,
                                             [](Number n, const Range& range) { return n < range.first; });
        if (behind == ranges_.begin() || std::prev(behind)->last < number) return std::nullopt;
        return std::prev(behind)->line;
    }

  private:
    struct Range {
        Number first;
        Number last;
        std::int64_t line;
    };
    std::vector<Range> ranges_;
};

// find() may be called by several threads after finish().
class Networks {
  public:
    // Host bits are ignored.
    void add(const Network& network, std::int64_t line);
    void finish();
    // The line of the network that contains the address.
    std::optional<std::int64_t> find(const net::Address& address) const;

  private:
    Ranges<V4> v4_;
    Ranges<V6> v6_;
};

}  // namespace sqlgrey::lists
