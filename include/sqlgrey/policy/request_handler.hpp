// Requests in, replies out: what the event loop of a worker asks of the code that knows the answers.
//
// Two threads of a worker call a RequestHandler. One of them may be in answer() or recover(), blocked there
// by the database, while the other runs the loop and calls the rest: the loop answers without the database
// what answer() does not answer in time. Which thread does which changes.
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
    // Written in answer() only. Read by the loop to hand the connection over, when nothing else holds it.
    std::shared_ptr<ConnectionState> connection;
};

// Where a request that is answered without the database is logged and counted.
enum class Reporting {
    here,
    by_answer  // the request is in answer() at that moment, which reports it
};

class RequestHandler {
  public:
    virtual ~RequestHandler() = default;

    // The replies to a batch, in order; decided one after another. Throws only what ends the worker
    // (std::bad_alloc, no thread to be had): a database failure becomes the replies of the failure policy and
    // makes available() false.
    virtual std::vector<Reply> answer(std::span<const PendingRequest> batch) = 0;

    // By the loop: the replies the failure policy gives, at once. Leaves the state of the connections alone.
    virtual std::vector<Reply> answer_without_database(std::span<const PendingRequest> batch,
                                                       Reporting reporting) = 0;

    // Any thread: false while the database is known to be unavailable; the loop then does not call answer().
    // True before the first recover(): nothing is known yet, so requests wait for it.
    virtual bool available() const = 0;

    // Connects if that is needed. Called first of all, then while available() is false,
    // pause_before_recover() after answer() or the last recover() has returned. Never while answer() is being
    // called. Throws as answer() does.
    virtual void recover() = 0;
    virtual base::Milliseconds pause_before_recover() const { return base::Milliseconds{500}; }

    // By the loop, while answer() takes longer than the time limit: makes answer() fail soon if that can be
    // done, and available() false until recover() succeeds. Called at the end of the loop too, if answer() is
    // still being called; it may just have returned.
    virtual void give_up() = 0;
};

}  // namespace sqlgrey::policy
