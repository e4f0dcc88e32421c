// The door to the loop.
#include "sqlgrey/server/worker.hpp"

#include "loop.hpp"

#include <utility>

namespace sqlgrey::server {

Ended serve(base::unique_fd channel, int stop, Handler& handler, const WorkerOptions& options,
            std::atomic<int>& open_connections, const std::function<void()>& on_ready,
            const log::Logger& logger) {
    Loop loop(std::move(channel), stop, handler, options, open_connections, on_ready, logger);
    return loop.run();
}

}  // namespace sqlgrey::server
