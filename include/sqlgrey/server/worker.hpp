// One worker: an event loop over many connections that visits the database itself.
//
// Each turn of the loop reads what has arrived; all complete requests (64 at most, in order of arrival) are
// one batch. While a batch is in the database, requests for the next one collect in the sockets. A reply is
// sent only after the RequestHandler has finished its batch, so never before its row is committed.
//
// One of two threads runs the loop. If the RequestHandler takes longer than 10 to 20 ms, the other thread
// takes over the loop, so a slow database delays only the requests of that batch. If a batch is not completed
// by its oldest deadline, it is answered without the database, and so are all requests after it and later
// ones, until the batch is completed and the RequestHandler is available.
#pragma once

#include "sqlgrey/base/histogram.hpp"
#include "sqlgrey/base/shared_memory.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/policy/request_handler.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace sqlgrey::server {

inline constexpr std::size_t batch_limit = 64;

// The version of the text that a worker sends along with a connection that it hands over. A worker that reads
// another version cannot serve the connection.
inline constexpr std::string_view connection_format = "2";

struct WorkerOptions {
    base::Milliseconds time_limit{2000};  // the longest that a request waits for the database
    // From the order to stop until connections are closed without a reply. Longer than time_limit.
    base::Milliseconds drain_limit{5000};
    std::size_t max_connections = 4000;  // per worker; beyond it the one idle longest is closed
    std::size_t max_waiting = 64;        // unanswered requests per connection; with so many it is not read
    base::Milliseconds unread_limit{30000};  // a client that accepts no reply for so long is disconnected
    // Serve one request per connection: close it once the reply is written, and drop whatever else the client
    // sends. For Exim's ${readsocket}, which reads until the connection is closed.
    bool close_after_reply = false;  // not for mail servers that speak the milter protocol
    bool milter_adds_header = true;  // ask those for the right to add a header to a message
};

// Counters of a worker, in memory that outlives it. One worker writes them; two while an old one hands over
// to its successor in the same slot.
struct alignas(base::cache_line) WorkerCounters {
    // Microseconds from the arrival of a request to its reply, with or without the database. Of one that was
    // held, all of that time.
    base::Histogram<std::array<std::uint64_t, 13>{500, 1'000, 2'000, 5'000, 10'000, 20'000, 50'000, 100'000,
                                                  200'000, 500'000, 1'000'000, 2'000'000, 5'000'000}>
        request_time;
    // Requests in each batch given to RequestHandler::answer().
    base::Histogram<std::array<std::uint64_t, 7>{1, 2, 4, 8, 16, 32, batch_limit}> batch_size;
    base::Counter closed;  // connections, including those handed over
    base::Counter held;    // requests that were asked again at least once (policy::Reply::ask_again)
    base::Counter
        milter_connections;  // taken that are of the milter front; those handed over are not counted
};

// What the process that starts a worker gives to it.
struct WorkerContext {
    base::unique_fd channel;
    int stop = -1;
    // Connections passed and not yet closed. The sender adds one before it passes one; serve() subtracts one
    // for each that it closes or sends back. So connections in the channel count too.
    std::atomic<int>& open_connections;
    WorkerCounters& counters;
    // Called once, when requests will be answered: the first recover() has returned or has taken longer than
    // time_limit.
    std::function<void()> on_ready;
};

// job_stuck: give_up() did not end the RequestHandler's current call, so its thread was left running. The
// RequestHandler must outlive the process: leave with _exit(2) and destroy nothing that it uses.
enum class Ended { clean, job_stuck };

// Serves connections, which arrive on the channel as passed descriptors (base/fd_passing.hpp), until one of
// two events.
//
// The channel ends: there is a successor. Each connection is sent back over the channel as soon as it is
// between two requests, with a text for the successor. Nothing more is read, so a client that keeps asking
// does not delay this; requests already read are answered first. If connections cannot be sent back, the
// master is gone, and this counts as a stop.
//
// `stop` becomes readable: complete requests that have arrived are answered, their rows committed, and their
// connections closed; a connection without such a request is closed at once. A client that has sent part of a
// request, or does not read its reply, gets 200 ms.
//
// Both end after drain_limit: what is left is closed without a reply.
//
// Throws std::system_error or std::bad_alloc if the process lacks threads, memory or descriptors, and what
// the RequestHandler throws. As with job_stuck, the other thread may then still be in the RequestHandler.
Ended serve(WorkerContext context, policy::RequestHandler& handler, const WorkerOptions& options,
            const log::Logger& logger);

}  // namespace sqlgrey::server
