// One worker: an event loop over many connections that goes to the database itself.
//
// A turn of the loop reads what has come, and all complete requests (64 at most, in order of arrival) are one
// batch. While it is in the database, the next batch gathers in the sockets. A reply leaves only after the
// RequestHandler is done with its batch, so never before its row is committed.
//
// The loop is run by one of two threads. When the RequestHandler takes longer than 10 to 20 ms, the other one
// runs on, so nothing but the requests in hand waits for a slow database. A batch that is not completed by
// its oldest deadline is answered without the database, with all requests behind it, and so are later ones
// until the batch is completed and the RequestHandler available.
#pragma once

#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/policy/request_handler.hpp"

#include <atomic>
#include <cstddef>
#include <functional>

namespace sqlgrey::server {

inline constexpr std::size_t batch_limit = 64;

struct WorkerOptions {
    base::Milliseconds time_limit{2000};  // no request waits longer for the database
    // From the order to end; what has not been answered then is closed without a reply. Longer than
    // time_limit.
    base::Milliseconds drain_limit{5000};
    std::size_t max_connections = 4000;      // a worker's share; beyond it the idlest is closed
    std::size_t max_waiting = 64;            // unanswered requests of one connection; reading pauses beyond
    base::Milliseconds unread_limit{30000};  // a client that takes none of its replies for so long is closed
    // Each connection is for one request: closed by us once its reply has been written whole, what else the
    // client sends is dropped. Exim's ${readsocket} needs that, for it reads to the end of the connection.
    bool close_after_reply = false;
};

// A worker's counts, in memory that outlives it. One worker writes them; two while an old one hands over to
// its successor in the same slot.
struct alignas(base::cache_line) WorkerCounters {
    base::Counter requests;  // that got a reply, from the database or without it
    base::Counter batches;   // that were given to RequestHandler::answer()
};

// What the process that starts a worker gives it.
struct WorkerContext {
    base::unique_fd channel;
    int stop = -1;
    // Connections passed and not closed again. The sender adds one before it passes one; serve() takes one
    // off for each that it closes or sends back. So those under way are counted too.
    std::atomic<int>& open_connections;
    WorkerCounters& counters;
    // Called once, when requests will be answered: the first recover() is done or has taken longer than
    // time_limit.
    std::function<void()> on_ready;
};

// job_stuck: the RequestHandler is still in a call that give_up() did not end. Its thread was left
// behind, so the RequestHandler must outlive the process: leave by _exit(2), destroy nothing it uses.
enum class Ended { clean, job_stuck };

// Serves connections that arrive on the channel as passed descriptors (base/fd_passing.hpp), until one of
// these:
//   the channel sends no more: there is a successor. Each connection is sent back over the channel as soon as
//   it is between two requests, with a text that goes to the successor with it. Nothing is read any more, so
//   a client that asks without pause is not kept; requests that have been read are answered first. If nothing
//   takes them back the master is gone, and this is a stop. `stop` becomes readable: an order to stop. What
//   has arrived and is complete is answered, its row committed, and the connection then closed; one without a
//   request in hand is closed at once. A client that is in the middle of a request, or does not read its
//   reply, gets 200 ms.
// Both are bounded by drain_limit, when what is left is closed without a reply.
// Throws std::system_error or std::bad_alloc when the process lacks what it takes (threads, memory,
// descriptors), and what the RequestHandler throws. Its other thread may then still be in the RequestHandler,
// as with job_stuck.
Ended serve(WorkerContext context, policy::RequestHandler& handler, const WorkerOptions& options,
            const log::Logger& logger);

}  // namespace sqlgrey::server
