// The requests on their way to a reply: those that wait, the batch in the database, and those that are held,
// because the RequestHandler wants to be asked again (policy::Reply::ask_again).
//
// First in, first out; each has a deadline. If the batch is late, all requests are answered without the
// database until it is completed. A request that is asked again is behind all others, with a new deadline.
// Also says when to connect. Knows connections by number only, and does no I/O. Used by the thread that runs
// the loop.
#pragma once

#include "connection.hpp"
#include "leader_followers.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/policy/request_handler.hpp"
#include "sqlgrey/server/worker.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace sqlgrey::server {

using ConnectionId = std::uint64_t;

// Which request of which connection waits for a reply, and until when.
struct Waiter {
    ConnectionId connection;
    Ticket ticket;
    Instant arrived;
    Instant deadline;
    bool was_held = false;
};

// How many requests of a worker are held at once. Each costs its connection, so an smtpd of Postfix.
inline constexpr std::size_t held_limit = 64;

class RequestQueue {
  public:
    using Deliver = std::function<void(const Waiter&, const policy::Reply&)>;

    // `deliver` is called only from answer_what_cannot_wait() and completed().
    RequestQueue(policy::RequestHandler& handler, base::Milliseconds time_limit, WorkerCounters& counters,
                 Deliver deliver, const log::Logger& logger);

    void ask(ConnectionId connection, Ticket ticket, policy::PendingRequest question, Instant now);
    // Answers requests that are overdue without the database; all of them while it is unavailable.
    void answer_what_cannot_wait(Instant now);
    // The next job for the database; nothing while one is running.
    JobPtr next_job(Instant now);
    bool has_job(Instant now) const;
    // Delivers the replies of a job. False if it has none, or they come too late.
    bool completed(const DatabaseJob& job, Instant now);
    // From now on no request is held. Those that are will be asked at once.
    void stop_holding() { may_hold_ = false; }
    // When there will be something to do even if nothing arrives.
    std::optional<Instant> next_deadline() const;
    // True if so many wait that nothing more should be read.
    bool full() const;
    // True once the first recover() has returned or has taken too long.
    bool opened() const { return opened_ || late_; }

    bool is_running() const { return running_ != nullptr; }
    // Tells the RequestHandler to give up the batch in the database, if there is one.
    void interrupt();

  private:
    struct Held {
        Waiter waiter;
        policy::PendingRequest question;
    };

    bool may_ask() const;
    JobPtr batch_of_waiting(Instant now);
    void put_back(Instant now);
    void take_replies(const DatabaseJob& job, Instant now);
    void hold(Held held, Instant until);
    void overdue(Instant now);
    void answer_batch_without_database();
    void answer_waiting_without_database(std::size_t count);
    void deliver(const std::vector<Waiter>& to, const std::vector<policy::Reply>& replies);
    void deliver(const Waiter& to, const policy::Reply& reply, Instant at);

    policy::RequestHandler& handler_;
    base::Milliseconds time_limit_;
    WorkerCounters& counters_;
    Deliver deliver_;
    const log::Logger& logger_;

    std::deque<Waiter> waiting_;
    std::deque<policy::PendingRequest> questions_;  // of those, in the same order
    // Those of the running batch; none once it is late, because they have been answered.
    std::vector<Waiter> in_database_;
    JobPtr running_;
    std::multimap<Instant, Held> held_;  // by the time when they are asked again
    std::size_t without_reply_ = 0;      // of those that have ever been held
    bool may_hold_ = true;
    std::optional<Instant> recover_at_{Instant{}};  // at once, at the start
    bool opened_ = false;
    bool late_ = false;
};

}  // namespace sqlgrey::server
