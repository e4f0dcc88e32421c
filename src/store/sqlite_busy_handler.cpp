#include "sqlite_busy_handler.hpp"

#include <random>
#include <thread>

namespace sqlgrey::store {
namespace {

// A random time, so that two connections do not meet again.
int wait_for_lock(void* deadline, int) {
    if (static_cast<Deadline*>(deadline)->passed_for_locks()) return 0;
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::this_thread::sleep_for(std::chrono::microseconds{50 + random() % 600});
    return 1;
}

}  // namespace

void install_busy_handler(Deadline& deadline, sqlite_api::sqlite3* connection) {
    sqlite_api::sqlite3_busy_handler(connection, wait_for_lock, &deadline);
}

}  // namespace sqlgrey::store
