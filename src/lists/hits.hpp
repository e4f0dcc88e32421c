// How often rows of the database have decided, until that is written.
#pragma once

#include "sqlgrey/lists/live_lists.hpp"

#include <mutex>
#include <unordered_map>
#include <vector>

namespace sqlgrey::lists {

// May be used by several threads at once.
class Hits {
  public:
    void add(long long row_id, long long hits = 1) {
        const std::lock_guard lock(mutex_);
        hits_[row_id] += hits;
    }
    // All so far; they are then forgotten.
    std::vector<HitCount> take() {
        std::unordered_map<long long, long long> taken;
        {
            const std::lock_guard lock(mutex_);
            taken.swap(hits_);
        }
        std::vector<HitCount> counts;
        for (const auto& [id, hits] : taken) counts.push_back({id, hits});
        return counts;
    }

  private:
    std::mutex mutex_;
    std::unordered_map<long long, long long> hits_;
};

}  // namespace sqlgrey::lists
