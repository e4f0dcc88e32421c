// Many networks, asked whether one of them holds an address.
//
// They are kept as ranges of numbers, sorted and disjoint: two networks either have nothing in common or one
// holds the other, and then the wider one stands for both. 16 bytes an IPv4 network, 40 an IPv6 one.
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

// True if bits behind the prefix are set. They do not count.
bool has_host_bits(const Network& network);
// "192.0.2.0/24": without those bits.
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
    void add(Number first, Number last, long long line) { ranges_.push_back({first, last, line}); }

    // Once, when all are added.
    void finish() {
        // Of equal ranges the one from the earlier line comes first, and stays.
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

    std::optional<long long> find(Number number) const {
        const auto behind = std::upper_bound(ranges_.begin(), ranges_.end(), number,
                                             [](Number n, const Range& range) { return n < range.first; });
        if (behind == ranges_.begin() || std::prev(behind)->last < number) return std::nullopt;
        return std::prev(behind)->line;
    }

  private:
    struct Range {
        Number first;
        Number last;
        long long line;
    };
    std::vector<Range> ranges_;
};

class Networks {
  public:
    // Bits of the address behind the prefix do not count.
    void add(const Network& network, long long line);
    void finish();
    // The line of the network that holds the address.
    std::optional<long long> find(const net::Address& address) const;

  private:
    Ranges<V4> v4_;
    Ranges<V6> v6_;
};

}  // namespace sqlgrey::lists
