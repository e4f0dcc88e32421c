#include "sqlite_patience.hpp"

#include <random>
#include <thread>

namespace sqlgrey::store {
namespace {

// Uneven, so that two that collided do not collide again.
int wait_for_lock(void* patience, int) {
    if (static_cast<Patience*>(patience)->over_for_locks()) return 0;
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::this_thread::sleep_for(std::chrono::microseconds{50 + random() % 600});
    return 1;
}

}  // namespace

void wait_with(Patience& patience, sqlite_api::sqlite3* connection) {
    sqlite_api::sqlite3_busy_handler(connection, wait_for_lock, &patience);
}

}  // namespace sqlgrey::store
