// Counts how often rows of the database have decided, until the counts are written.
#pragma once

#include "sqlgrey/lists/live_lists.hpp"

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace sqlgrey::lists {

// Several threads may use it at once.
class Hits {
  public:
    void add(std::int64_t row_id, std::int64_t hits = 1) {
        const std::lock_guard lock(mutex_);
        hits_[row_id] += hits;
    }
    // Returns all counts and forgets them.
    std::vector<HitCount> take() {
        std::unordered_map<std::int64_t, std::int64_t> taken;
        {
            const std::lock_guard lock(mutex_);
            taken.swap(hits_);
        }
        std::vector<HitCount> counts;
        counts.reserve(taken.size());
        for (const auto& [id, hits] : taken) counts.push_back({id, hits});
        return counts;
    }

  private:
    std::mutex mutex_;
    std::unordered_map<std::int64_t, std::int64_t> hits_;
};

}  // namespace sqlgrey::lists
