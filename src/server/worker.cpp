// Puts the loop and its two threads together.
#include "sqlgrey/server/worker.hpp"

#include "leader_followers.hpp"
#include "loop.hpp"

#include <utility>

namespace sqlgrey::server {

Ended serve(base::unique_fd channel, int stop, policy::RequestHandler& handler, const WorkerOptions& options,
            std::atomic<int>& open_connections, const std::function<void()>& on_ready,
            const log::Logger& logger) {
    LeaderFollowers threads(handler);
    Loop loop(std::move(channel), stop, handler, threads, options, open_connections, on_ready, logger);
    threads.run([&loop](JobPtr done) { return loop.run_until_job(std::move(done)); });
    return loop.ended();
}

}  // namespace sqlgrey::server
