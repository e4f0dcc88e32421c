// The door to the loop.
#include "sqlgrey/server/worker.hpp"

#include "loop.hpp"
#include "relay.hpp"

#include <utility>

namespace sqlgrey::server {

Ended serve(base::unique_fd channel, int stop, Handler& handler, const WorkerOptions& options,
            std::atomic<int>& open_connections, const std::function<void()>& on_ready,
            const log::Logger& logger) {
    Relay relay(handler);
    Loop loop(std::move(channel), stop, handler, relay, options, open_connections, on_ready, logger);
    relay.run([&loop](ErrandPtr back) { return loop.lap(std::move(back)); });
    return loop.ended();
}

}  // namespace sqlgrey::server
