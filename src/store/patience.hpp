// How long one visit to the database may wait, and the word from another thread to stop waiting.
#pragma once

#include "sqlgrey/base/time.hpp"

#include <atomic>
#include <chrono>

namespace sqlgrey::store {

struct Patience {
    std::chrono::steady_clock::time_point until{};
    std::atomic<bool> interrupted{false};

    void start(base::Milliseconds limit) {
        until = std::chrono::steady_clock::now() + limit;
        interrupted = false;
    }
    bool over() const { return interrupted || std::chrono::steady_clock::now() >= until; }
};

}  // namespace sqlgrey::store
