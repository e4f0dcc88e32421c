// One worker: an event loop over many connections that goes to the database itself.
//
// A turn of the loop reads what has come, and all complete requests (64 at most, in order of arrival) are one
// batch. While it is in the database, the next batch gathers in the sockets. A reply leaves only after the
// Handler is done with its batch, so never before its row is committed.
//
// The loop is run by one of two threads. When the Handler takes longer than 10 to 20 ms, the other one runs
// on, so nothing but the requests in hand waits for a slow database. A batch that is not back by its oldest
// deadline is answered without the database, with all that wait behind it, and so is every newcomer until the
// batch is back and the Handler available.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/server/handler.hpp"

#include <atomic>
#include <cstddef>
#include <functional>

namespace sqlgrey::server {

inline constexpr std::size_t batch_limit = 64;

struct WorkerOptions {
    base::Milliseconds time_limit{2000};     // no request waits longer for the database
    base::Milliseconds drain_limit{5000};    // after the order to stop
    std::size_t max_connections = 4000;      // a worker's share; beyond it the idlest is closed
    std::size_t max_waiting = 64;            // unanswered requests of one connection; reading pauses beyond
    base::Milliseconds unread_limit{30000};  // a client that takes none of its replies for so long is closed
    // Each connection is for one request: closed by us once its reply has been written whole, what else the
    // client sends is dropped. Exim's ${readsocket} needs that, for it reads to the end of the connection.
    bool close_after_reply = false;
};

// errand_stuck: the Handler is still in a call that give_up() did not end. Its thread was left
// behind, so the Handler must outlive the process: leave by _exit(2), destroy nothing it uses.
enum class Ended { clean, errand_stuck };

// Serves connections that arrive on `channel` as passed descriptors (base/fd_passing.hpp)
// until the channel ends (the master is gone) or `stop` becomes readable (order to stop); then
// answers what is complete, gives a begun request up to a second, all bounded by drain_limit, and returns.
//   open_connections: connections passed and not closed again. Whoever passes one adds one before; serve()
//   takes one off for each that it closes, so that those under way are counted too.
//   on_ready: called once, when requests will be answered: the first recover() is done or has
//   taken longer than time_limit.
// Throws std::system_error or std::bad_alloc when the process lacks what it takes (threads, descriptors).
Ended serve(base::unique_fd channel, int stop, Handler& handler, const WorkerOptions& options,
            std::atomic<int>& open_connections, const std::function<void()>& on_ready,
            const log::Logger& logger);

}  // namespace sqlgrey::server
