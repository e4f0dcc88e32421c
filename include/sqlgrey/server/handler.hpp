// What a worker's loop needs from whoever knows the answers: requests in, replies out.
//
// Two threads of one worker call a Handler. One of them may be in answer() or recover(), blocked there by the
// database, while the other runs the loop and calls the rest: what answer() does not answer in time the loop
// answers without the database. Which thread does which changes.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/policy/request.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::server {

inline constexpr std::size_t longest_saved = 2048;  // bytes

// What a Handler wants to remember about one connection, between its requests. Made by the
// loop, written in answer() only.
class Conversation {
  public:
    virtual ~Conversation() = default;
    // By the loop, never while a request of this connection is in answer(): what begin_conversation() of
    // another process makes the same of. At most longest_saved bytes; of a longer text nothing is remembered.
    virtual std::string saved() const { return {}; }
};

struct Question {
    policy::Request request;
    std::shared_ptr<Conversation> conversation;
};

class Handler {
  public:
    virtual ~Handler() = default;

    // By the loop: a connection. `saved` is empty if it is new, and what another worker remembered of it if
    // that has handed it over; a text that is not understood is as good as an empty one.
    virtual std::shared_ptr<Conversation> begin_conversation(std::string_view saved) = 0;

    // The replies to a batch, in order; decided one after another. Throws only what ends
    // the worker (std::bad_alloc, no thread to be had): a database failure becomes the replies of the failure
    // policy and makes available() false.
    virtual std::vector<policy::Reply> answer(std::span<const Question> batch) = 0;

    // By the loop: the replies the failure policy gives, at once, to questions that answer() never gets.
    virtual std::vector<policy::Reply> answer_without_database(std::span<const Question> batch) = 0;

    // The same to questions that are in answer() at that moment: it writes what they leave in the log, and
    // conversations are its own.
    virtual std::vector<policy::Reply> answer_meanwhile(std::span<const Question> batch) = 0;

    // Any thread: false while the database is known to be away; the loop then asks for no answer().
    // True before the first recover(): nothing is known yet, so requests wait for it.
    virtual bool available() const = 0;

    // Connects if that is needed. Called first of all, then while available() is false,
    // pause_before_recover() after answer() or the last recover() has come back. Never while answer() is
    // being called. Throws as answer() does.
    virtual void recover() = 0;
    virtual base::Milliseconds pause_before_recover() const { return base::Milliseconds{500}; }

    // By the loop, while answer() takes longer than the time limit: makes answer()
    // fail soon if that can be done, and available() false until recover() succeeds. Called at the end
    // of serve() too, if answer() is still being called; it may just have come back.
    virtual void give_up() = 0;
};

}  // namespace sqlgrey::server
