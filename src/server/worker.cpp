// Combines the loop and its two threads.
#include "sqlgrey/server/worker.hpp"

#include "leader_followers.hpp"
#include "loop.hpp"

#include <utility>

namespace sqlgrey::server {

Ended serve(WorkerContext context, policy::RequestHandler& handler, const WorkerOptions& options,
            const log::Logger& logger) {
    LeaderFollowers threads(handler);
    Loop loop(std::move(context), handler, threads, options, logger);
    threads.run([&loop](JobPtr done) { return loop.run_until_job(std::move(done)); });
    return loop.ended();
}

}  // namespace sqlgrey::server
