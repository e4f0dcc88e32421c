// The requests on their way to a reply: those that wait, and the batch that is in the database.
//
// First come, first served. Each has a deadline. When the batch is late, all are answered without the
// database, and so are those that come later, until the batch is completed. Says when it is time to connect.
// Knows connections by number only, and does no input or output. Belongs to the thread that runs the loop.
#pragma once

#include "connection.hpp"
#include "leader_followers.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/policy/request_handler.hpp"
#include "sqlgrey/server/worker.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace sqlgrey::server {

using ConnectionId = std::uint64_t;

// Which request of which connection waits for a reply, and until when.
struct Waiter {
    ConnectionId connection;
    Ticket ticket;
    Instant deadline;
};

class RequestQueue {
  public:
    using Deliver = std::function<void(const Waiter&, const policy::Reply&)>;

    // `deliver` is called from answer_what_cannot_wait() and completed() only.
    RequestQueue(policy::RequestHandler& handler, base::Milliseconds time_limit, WorkerCounters& counters,
                 Deliver deliver, const log::Logger& logger);

    void ask(ConnectionId connection, Ticket ticket, policy::PendingRequest question, Instant now);
    // Answers without the database those whose time is up, and all while the database is unavailable.
    void answer_what_cannot_wait(Instant now);
    // What is to be done in the database now; nothing while a job is running.
    JobPtr next_job(Instant now);
    bool has_job(Instant now) const;
    // Delivers the replies of a job.
    void completed(const DatabaseJob& job, Instant now);
    // The latest moment at which there is something to do even if nothing arrives.
    std::optional<Instant> next_deadline() const;
    // So many wait that nothing more should be read.
    bool full() const;
    // True once it is known how the first recover() went, or that it takes too long.
    bool opened() const { return opened_ || late_; }

    bool is_running() const { return running_ != nullptr; }
    // Tells the RequestHandler to give up the batch that is in the database, if there is one.
    void interrupt();

  private:
    bool may_ask() const;
    JobPtr batch_of_waiting();
    void overdue(Instant now);
    void answer_batch_without_database();
    void answer_waiting_without_database(std::size_t count);
    void deliver(const std::vector<Waiter>& to, const std::vector<policy::Reply>& replies);

    policy::RequestHandler& handler_;
    base::Milliseconds time_limit_;
    WorkerCounters& counters_;
    Deliver deliver_;
    const log::Logger& logger_;

    std::deque<Waiter> waiting_;
    std::deque<policy::PendingRequest> questions_;  // of those, in the same order
    // Those of the batch that is running; none once it is late, because they have been answered.
    std::vector<Waiter> in_database_;
    JobPtr running_;
    std::optional<Instant> recover_at_{Instant{}};  // first of all
    bool opened_ = false;
    bool late_ = false;
};

}  // namespace sqlgrey::server
