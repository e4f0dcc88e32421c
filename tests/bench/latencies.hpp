// How long each of many turns took, and what is told of them: median, tail, worst.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace sqlgrey::bench {

using SteadyTime = std::chrono::steady_clock::time_point;

inline double seconds_since(SteadyTime then) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

class Latencies {
  public:
    void add(double seconds) { microseconds_.push_back(static_cast<std::uint32_t>(seconds * 1e6)); }
    void add(const Latencies& other) {
        microseconds_.insert(microseconds_.end(), other.microseconds_.begin(), other.microseconds_.end());
    }
    std::size_t count() const { return microseconds_.size(); }

    // The members of a JSON object without its braces, or lines for people.
    void print(bool json) {
        std::sort(microseconds_.begin(), microseconds_.end());
        std::printf(json ? "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f, \"max_ms\": %.3f"
                         : "latency ms: p50 %.3f, p99 %.3f, p99.9 %.3f, max %.3f\n",
                    at_share(0.5), at_share(0.99), at_share(0.999), at_share(1));
    }

  private:
    double at_share(double share) const {
        if (microseconds_.empty()) return 0;
        const auto place = static_cast<std::size_t>(share * static_cast<double>(microseconds_.size() - 1));
        return microseconds_[place] / 1000.0;
    }

    std::vector<std::uint32_t> microseconds_;
};

}  // namespace sqlgrey::bench
