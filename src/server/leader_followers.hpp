// The two threads of a worker, by the pattern Leader/Followers (Schmidt et al., "Pattern-Oriented Software
// Architecture" 2, 2000): the leader runs the loop and visits the database itself, the follower waits.
//
//     thread A   loop | job | loop | job ........................ | waits as follower ...
//     thread B   waits as follower .......|<- 10 to 20 ms; leads: | loop | job | loop ...
//                                                       A's late job goes to the loop of B
//
// The loop stands still while the leader is in the database: to hand each batch to another thread and to get
// the replies back would take two wake-ups of a thread and six system calls a batch, more than a lookup in
// SQLite. What arrives meanwhile waits in the sockets and becomes the next batch. A job that takes longer
// than 10 to 20 ms makes the follower the leader, so the database never holds up the loop longer. The thread
// that comes back from such a job leaves it where the loop finds it (completed_fd()) and becomes the
// follower. There is one job at a time: RequestQueue gives none while one is running.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/policy/request_handler.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <vector>

namespace sqlgrey::server {

// What is to be done in the database: to answer a batch or, where there is none, to connect.
struct DatabaseJob {
    // Shared, so that a batch that is late can be answered by the loop while the database is still asked.
    std::shared_ptr<const std::vector<policy::PendingRequest>> batch;
    std::vector<policy::Reply> replies;
    std::exception_ptr error{};  // the RequestHandler could not go on: no memory, no thread to be had
};
using JobPtr = std::shared_ptr<DatabaseJob>;

class LeaderFollowers {
  public:
    explicit LeaderFollowers(policy::RequestHandler& handler);  // throws std::system_error

    // The loop: takes the job that is completed, if there is one, and runs until it has another for the
    // database; nothing at the end. Called by either thread, never by both at once.
    using Loop = std::function<JobPtr(JobPtr completed)>;
    // Calls it to the end. Throws what it throws. A thread that is still in a job is left behind; it touches
    // nothing but the RequestHandler.
    void run(const Loop& loop);

    // For the loop: readable when a job is completed that had taken too long. take_completed() gives it, or
    // nothing, and clears the descriptor.
    int completed_fd() const;
    JobPtr take_completed();
    // Waits for it; nothing after `timeout`.
    JobPtr wait_for_completed(base::Milliseconds timeout);

  private:
    struct Shared;
    static void take_part(const std::shared_ptr<Shared>& shared, const Loop& loop);

    std::shared_ptr<Shared> shared_;  // with the threads, one of which may outlive us
};

}  // namespace sqlgrey::server
