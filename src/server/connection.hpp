// One client: bytes in, requests out; replies in, bytes out, in the order of the requests.
//
// Bounded on both sides: a request is taken only while fewer than max_waiting are unanswered, and nothing is
// read while there is no room for one or while the client leaves 64 kB of replies unread. Never blocks,
// writes only in flush(), does not know epoll. Belongs to the thread that runs the loop.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/policy/reply.hpp"
#include "sqlgrey/policy/request.hpp"
#include "sqlgrey/policy/request_handler.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::server {

using Instant = std::chrono::steady_clock::time_point;

// The place of a request among those of its connection, from 0.
using Ticket = std::uint64_t;

// How many requests of a connection are answered before it is closed.
enum class Uses { many, one };

class Connection {
  public:
    Connection(base::unique_fd socket, std::shared_ptr<policy::ConnectionState> state,
               std::size_t max_waiting, Uses uses, Instant now);
    // Of a connection that another worker has handed over: the start of a request (Parser::begun()).
    void resume(std::string_view begun);

    enum class Health { good, broken };

    // True if there is room for what the client may send.
    bool wants_input() const;
    // Reads once, a bounded number of bytes.
    Health read(Instant now);
    // The next complete requests for which there is room. The first of them has the ticket
    // next_ticket() had before the call, the others follow.
    std::vector<policy::Request> take_requests();
    Ticket next_ticket() const { return first_unanswered_ + replies_.size(); }

    void answer(Ticket ticket, const policy::Reply& reply);
    // Writes what the client takes of the replies whose turn has come.
    Health flush(Instant now);
    bool wants_output() const { return !output_.empty(); }

    // The client has closed its side and has got all its replies, or the one that this connection is for.
    bool finished() const { return (input_ended_ || used_up()) && !in_hand(); }
    // Called when finished: reads and drops what the client has sent meanwhile. Closed with bytes unread, a
    // TCP connection is reset, and the client may lose a reply that it has not read yet.
    void drop_unread();
    bool input_ended() const { return input_ended_; }
    // Requests, replies or unread bytes wait for us or for the client to take them.
    bool in_hand() const { return unanswered() || wants_output() || has_unparsed_input(); }
    bool unanswered() const { return !replies_.empty(); }
    bool has_unparsed_input() const { return !input_.empty(); }
    bool midway() const { return parser_.midway(); }
    std::string begun() const { return parser_.begun(); }
    // Nothing has been asked yet.
    bool fresh() const { return next_ticket() == 0; }

    int fd() const { return socket_.get(); }
    const std::shared_ptr<policy::ConnectionState>& state() const { return state_; }
    Instant arrived() const { return arrived_; }
    Instant last_active() const { return last_active_; }
    // Since when the client has taken nothing of what is there for it; nothing if all is taken.
    std::optional<Instant> unread_since() const { return unread_since_; }

  private:
    bool used_up() const { return uses_ == Uses::one && !fresh(); }

    base::unique_fd socket_;
    std::shared_ptr<policy::ConnectionState> state_;
    std::size_t max_waiting_;
    Uses uses_;
    Instant arrived_, last_active_;

    policy::Parser parser_;
    std::string input_;  // read, and not parsed because there was no room
    bool input_ended_ = false;
    std::deque<std::optional<policy::Reply>> replies_;  // one a request, empty until it is answered
    Ticket first_unanswered_ = 0;
    std::string output_;
    std::optional<Instant> unread_since_;
};

}  // namespace sqlgrey::server
