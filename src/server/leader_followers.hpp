// The two threads of a worker, by the pattern Leader/Followers (Schmidt et al., "Pattern-Oriented Software
// Architecture" 2, 2000): the leader runs the loop and visits the database itself, the follower waits.
//
//     thread A   loop | job | loop | job ........................ | waits as follower ...
//     thread B   waits as follower .......|<- 10 to 20 ms; leads: | loop | job | loop ...
//                                                       A's late job goes to the loop of B
//
// The loop stops while the leader is in the database: passing each batch to another thread and its replies
// back would cost two thread wake-ups and six system calls per batch, more than a lookup in SQLite. What
// arrives in the meantime waits in the sockets and becomes the next batch. If a job takes longer than 10 to
// 20 ms, the follower becomes the leader, so the database never stops the loop for longer. The former leader
// leaves its job for the loop (completed_fd()) and becomes the follower. There is one job at a time:
// RequestQueue gives none while one is running.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/policy/request_handler.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <vector>

namespace sqlgrey::server {

// Work for the database: answer a batch, or connect if there is no batch.
struct DatabaseJob {
    // Shared, so that the loop can answer a late batch while the database is still working on it.
    std::shared_ptr<const std::vector<policy::PendingRequest>> batch;
    std::vector<policy::Reply> replies;
    std::exception_ptr error{};  // the RequestHandler failed: no memory, no thread
};
using JobPtr = std::shared_ptr<DatabaseJob>;

class LeaderFollowers {
  public:
    explicit LeaderFollowers(policy::RequestHandler& handler);  // throws std::system_error

    // The loop: takes a completed job, if there is one, and runs until it has another for the database;
    // nothing at the end. Called by either thread, never by both at once.
    using Loop = std::function<JobPtr(JobPtr completed)>;
    // Runs the loop to its end, and throws what it throws. A thread that is still in a job is left running;
    // it uses nothing but the RequestHandler.
    void run(const Loop& loop);

    // Readable when a late job is completed. take_completed() returns it, or nothing, and clears the
    // descriptor.
    int completed_fd() const;
    JobPtr take_completed();
    // Waits for a late job; nothing after `timeout`.
    JobPtr wait_for_completed(base::Milliseconds timeout);

  private:
    struct Shared;
    static void take_part(const std::shared_ptr<Shared>& shared, const Loop& loop);

    std::shared_ptr<Shared> shared_;  // shared with the threads, one of which may outlive this object
};

}  // namespace sqlgrey::server
