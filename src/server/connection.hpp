// One client connection: bytes in, requests out; replies in, bytes out, in the order of the requests. What
// the bytes mean is its codec's business.
//
// Memory is bounded: a request is taken only while fewer than max_waiting are unanswered, and nothing is read
// while no request can be taken or the client leaves 64 kB of replies unread. Never blocks, writes only in
// flush(), does not know epoll. Used by the thread that runs the loop.
#pragma once

#include "codec.hpp"
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

// The number of a request within its connection, from 0.
using Ticket = std::uint64_t;

// How many requests are answered before the connection is closed.
enum class Uses { many, one };

class Connection {
  public:
    Connection(base::unique_fd socket, Front front, std::unique_ptr<Codec> codec,
               std::shared_ptr<policy::ConnectionState> state, std::size_t max_waiting, Uses uses,
               Instant now);

    enum class Health { good, broken };

    // True if the connection may be read now.
    bool wants_input() const;
    // Reads once, a bounded number of bytes.
    Health read(Instant now);
    // The next complete requests, as many as may be taken. The first has the ticket that next_ticket()
    // returned before the call, the others follow.
    std::vector<policy::Request> take_requests();
    Ticket next_ticket() const { return first_unanswered_ + replies_.size(); }

    void answer(Ticket ticket, const policy::Reply& reply);
    // Writes as much as the client accepts of the replies that are due.
    Health flush(Instant now);
    bool wants_output() const { return !output_.empty(); }

    // The client has closed its side and got all its replies, or this connection has had its one reply, or
    // its codec has ended.
    bool finished() const { return (input_ended_ || used_up()) && !in_hand(); }
    // Called when finished: reads and drops what the client has sent since. Closing a TCP connection with
    // unread bytes resets it, and the client may lose a reply that it has not read yet.
    void drop_unread();
    bool input_ended() const { return input_ended_; }
    // Requests are unanswered, replies unwritten, or bytes not yet parsed.
    bool in_hand() const { return unanswered() || wants_output() || has_unparsed_input(); }
    bool unanswered() const { return !replies_.empty(); }
    bool has_unparsed_input() const { return !input_.empty(); }
    bool midway() const { return codec_->midway(); }
    std::string begun() const { return codec_->begun(); }
    // What is wrong with the bytes of the client, once; empty otherwise.
    std::string_view take_fault();
    // No request has been read yet.
    bool fresh() const { return next_ticket() == 0; }
    Front front() const { return front_; }

    int fd() const { return socket_.get(); }
    const std::shared_ptr<policy::ConnectionState>& state() const { return state_; }
    Instant arrived() const { return arrived_; }
    Instant last_active() const { return last_active_; }
    // Since when the client has accepted none of the bytes to write; nothing if all are written.
    std::optional<Instant> unread_since() const { return unread_since_; }

  private:
    bool used_up() const { return uses_ == Uses::one && !fresh(); }

    base::unique_fd socket_;
    Front front_;
    std::unique_ptr<Codec> codec_;
    std::shared_ptr<policy::ConnectionState> state_;
    std::size_t max_waiting_;
    Uses uses_;
    bool told_fault_ = false;
    Instant arrived_, last_active_;

    std::string input_;  // read but not parsed, because max_waiting was reached
    bool input_ended_ = false;
    std::deque<std::optional<policy::Reply>> replies_;  // one per request, empty until it is answered
    Ticket first_unanswered_ = 0;
    std::string output_;
    std::optional<Instant> unread_since_;
};

}  // namespace sqlgrey::server
