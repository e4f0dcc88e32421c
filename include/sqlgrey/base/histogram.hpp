// How values are distributed, counted in memory that processes share.
#pragma once

#include "sqlgrey/base/shared_memory.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace sqlgrey::base {

// Begins as zeros, and only grows. `bounds` ascend: a value belongs to the first bucket whose bound is not
// below it, and to one more behind them if there is none. Any process may read it at any time: a value may
// then be in its bucket and not yet in the sum.
template <auto bounds>
class Histogram {
  public:
    static constexpr auto upper_bounds = bounds;
    static constexpr std::size_t buckets = bounds.size() + 1;

    void add(std::uint64_t value) {
        const auto bucket = std::ranges::lower_bound(upper_bounds, value) - upper_bounds.begin();
        counts_[static_cast<std::size_t>(bucket)].add();
        sum_.add(value);
    }
    // Those of one bucket, without the ones before it.
    std::uint64_t count(std::size_t bucket) const { return counts_[bucket].value(); }
    std::uint64_t count() const {
        std::uint64_t all = 0;
        for (const Counter& bucket : counts_) all += bucket.value();
        return all;
    }
    std::uint64_t sum() const { return sum_.value(); }

  private:
    std::array<Counter, buckets> counts_;
    Counter sum_;
};

}  // namespace sqlgrey::base
