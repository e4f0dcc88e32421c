// Requests in, replies out: how the event loop of a worker calls the code that decides.
//
// Two threads of a worker call a RequestHandler. One may be in answer() or recover(), waiting for the
// database, while the other runs the loop and calls the rest: the loop answers without the database what
// answer() does not answer in time. The two threads change roles.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/policy/connection_state.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/policy/request.hpp"

#include <memory>
#include <span>
#include <vector>

namespace sqlgrey::policy {

struct PendingRequest {
    Request request;
    // Written in answer() only. The loop reads it to hand the connection over, once nothing else refers to
    // it.
    std::shared_ptr<ConnectionState> connection;

    // Whether the answer may be Reply::ask_again; whether it has been; and how long ago the request arrived.
    bool may_be_held = false;
    bool was_held = false;
    base::Milliseconds since_arrival{};
};

// Where a request answered without the database is logged and counted.
enum class Reporting {
    here,
    by_answer  // the request is in answer() at that moment, which does both
};

class RequestHandler {
  public:
    virtual ~RequestHandler() = default;

    // The replies to a batch, in order, each request decided after the one before. A database failure gives
    // the replies of the failure policy and makes available() false. A request that may be held may get
    // Reply::ask_again instead of a reply; then nothing about it is written or logged. Throws only what must
    // end the worker (std::bad_alloc, no thread).
    virtual std::vector<Reply> answer(std::span<const PendingRequest> batch) = 0;

    // For the loop: replies of the failure policy, at once. Does not change the connections' states.
    virtual std::vector<Reply> answer_without_database(std::span<const PendingRequest> batch,
                                                       Reporting reporting) = 0;

    // For the loop, when all replies of the last answer() have been handed to the connections and written as
    // far as the clients accept them. Never called while answer() is running, nor if its replies came too
    // late.
    virtual void replied() {}

    // Any thread. False while the database is known to be unavailable; the loop then does not call answer().
    // True before the first recover(): requests wait for it.
    virtual bool available() const = 0;

    // Connects if needed. Called first, and while available() is false: pause_before_recover() after answer()
    // or the last recover() returned. Never called while answer() is running. Throws as answer() does.
    virtual void recover() = 0;
    virtual base::Milliseconds pause_before_recover() const { return base::Milliseconds{500}; }

    // For the loop, when answer() takes longer than the time limit: makes answer() fail soon, if possible,
    // and available() false until recover() succeeds. Also called at the end of the loop if answer() is
    // running; it may just have returned.
    virtual void give_up() = 0;
};

}  // namespace sqlgrey::policy
