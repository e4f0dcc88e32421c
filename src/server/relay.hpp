// The two threads of a worker, of which one runs the loop.
//
// The runner also goes on the errands to the database, and the loop stands still meanwhile: to hand a batch
// to another thread and to get the replies back costs a request more than most look-ups do. If an errand
// takes longer than a few milliseconds the other thread runs on, so that the loop is never held up by the
// database; who comes back late leaves what was brought where the runner finds it, and waits for the next
// turn.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/server/handler.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <vector>

namespace sqlgrey::server {

// What is to be done in the database: to answer a batch or, where there is none, to connect.
struct Errand {
    // Shared, so that a batch that is late can be answered by the loop while the database is still asked.
    std::shared_ptr<const std::vector<Question>> batch;
    std::vector<policy::Reply> replies;
    std::exception_ptr error{};  // the Handler could not go on: no memory, no thread to be had
};
using ErrandPtr = std::shared_ptr<Errand>;

class Relay {
  public:
    explicit Relay(Handler& handler);  // throws std::system_error

    // Runs the loop: takes the errand that has come back, if one has, and gives the next, or nothing at the
    // end. Called by either thread, never by both at once.
    using Lap = std::function<ErrandPtr(ErrandPtr back)>;
    // Lap after lap to the end. Throws what a lap throws. A thread that is still on an errand is left
    // behind; it touches nothing but the Handler.
    void run(const Lap& lap);

    // For a lap: readable when an errand is back that took too long; collect() gives
    // it, or nothing, and clears it.
    int back_fd() const;
    ErrandPtr collect();
    // Waits for it. Nothing if it is not back after `patience`.
    ErrandPtr await(base::Milliseconds patience);

  private:
    struct Shared;
    static void take_part(const std::shared_ptr<Shared>& shared, const Lap& lap);

    std::shared_ptr<Shared> shared_;  // with the threads, one of which may outlive us
};

}  // namespace sqlgrey::server
