#include "limits.hpp"

#include <algorithm>

namespace sqlgrey::log {

Limits::Verdict Limits::take(Category category, Instant now) {
    const std::lock_guard lock(mutex_);
    Count& count = counts_[static_cast<std::size_t>(category)];
    if (count.dropped == 0 && now >= count.begun + limited_period) count = {now, 0, 0};
    if (count.written < limited_lines)
        return ++count.written < limited_lines ? Verdict::write : Verdict::last;
    ++count.dropped;
    has_dropped_ = true;
    return Verdict::drop;
}

std::vector<Limits::Dropped> Limits::over(Instant now) {
    const std::lock_guard lock(mutex_);
    std::vector<Dropped> all;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        Count& count = counts_[i];
        if (count.dropped == 0 || now < count.begun + limited_period) continue;
        all.push_back({static_cast<Category>(i), count.dropped});
        count = {};
    }
    has_dropped_ = std::ranges::any_of(counts_, [](const Count& count) { return count.dropped > 0; });
    return all;
}

}  // namespace sqlgrey::log
