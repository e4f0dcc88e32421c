// What a worker's loop needs from whoever knows the answers: requests in, replies out.
//
// Two threads of one worker call a Handler. The desk thread calls recover() and answer(), one at a time,
// and may be blocked there by the database. The loop thread owns the sockets, calls the rest, and
// is never blocked: what the desk cannot answer in time it has answered without the database.
#pragma once

#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/policy/request.hpp"

#include <memory>
#include <span>
#include <vector>

namespace sqlgrey::server {

// What a Handler wants to remember about one connection, between its requests. Made by the
// loop, written by the desk only.
class Conversation {
  public:
    virtual ~Conversation() = default;
};

struct Question {
    policy::Request request;
    std::shared_ptr<Conversation> conversation;
};

class Handler {
  public:
    virtual ~Handler() = default;

    // Loop thread: a new connection.
    virtual std::shared_ptr<Conversation> begin_conversation() = 0;

    // Desk thread: the replies to a batch, in order; decided one after another. Does not throw: a
    // database failure becomes the replies of the failure policy and makes available() false.
    virtual std::vector<policy::Reply> answer(std::span<const Question> batch) = 0;

    // Loop thread: the replies the failure policy gives, at once. The same questions may be with the
    // desk at that moment: conversations are not to be touched here.
    virtual std::vector<policy::Reply> answer_without_database(std::span<const Question> batch) = 0;

    // Any thread: false while the database is known to be away; the loop then does not ask the desk.
    // True before the first recover(): nothing is known yet, so requests wait for it.
    virtual bool available() const = 0;

    // Desk thread: connects if that is needed. Called first of all, then every half second
    // while available() is false, the first time at once after give_up(). Does not throw.
    virtual void recover() = 0;

    // Loop thread, while the desk is in answer() for longer than the time limit: makes answer()
    // fail soon if that can be done, and available() false until recover() succeeds. Called at the end
    // of serve() too, if the desk is still in answer(); it may just have come out of it.
    virtual void give_up() = 0;
};

}  // namespace sqlgrey::server
