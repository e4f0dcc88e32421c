// Numbers that the master and its children see at once: one a child, in shared anonymous memory.
#pragma once

#include <atomic>
#include <cstddef>

namespace sqlgrey::process {

class Scoreboard {
  public:
    // All zero. Throws std::system_error.
    explicit Scoreboard(std::size_t size);
    ~Scoreboard();
    Scoreboard(const Scoreboard&) = delete;
    Scoreboard& operator=(const Scoreboard&) = delete;

    std::atomic<int>& at(std::size_t index) const { return counts_[index]; }

  private:
    std::size_t size_;
    std::atomic<int>* counts_;
};

static_assert(std::atomic<int>::is_always_lock_free, "a lock would not work between processes");

}  // namespace sqlgrey::process
