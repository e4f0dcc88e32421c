// The requests on their way to a reply: those that wait, and the batch that is in the database.
//
// First come, first served. Each has a deadline; when the batch is late, all are answered without the
// database, and so are newcomers until it is back. Says when it is time to connect. Knows connections only by
// number, and does no input or output. Belongs to whoever runs the loop.
#pragma once

#include "connection.hpp"
#include "relay.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/server/handler.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace sqlgrey::server {

using ConnectionId = std::uint64_t;

// Whom to answer, and until when.
struct Inquirer {
    ConnectionId connection;
    Ticket ticket;
    Instant deadline;
};

class Inquiries {
  public:
    using Deliver = std::function<void(const Inquirer&, const policy::Reply&)>;

    // `deliver` is called from round() and back() only.
    Inquiries(Handler& handler, base::Milliseconds time_limit, Deliver deliver, const log::Logger& logger);

    void ask(ConnectionId connection, Ticket ticket, Question question, Instant now);
    // One turn: answers what cannot wait.
    void round(Instant now);
    // What is to be done in the database now; nothing while an errand is out.
    ErrandPtr next_errand(Instant now);
    bool has_errand(Instant now) const;
    // An errand is back: delivers what it brings.
    void back(const Errand& errand, Instant now);
    // When there is something to do at the latest, though nothing happens.
    std::optional<Instant> next_deadline() const;
    // So many wait that nothing more should be read.
    bool full() const;
    // True once it is known how the first recover() went, or that it takes too long.
    bool opened() const { return opened_ || late_; }

    // True while an errand is out. Those who cannot wait for it tell the Handler.
    bool is_out() const { return out_ != nullptr; }
    void hurry();

  private:
    bool may_ask() const;
    ErrandPtr batch_of_waiting();
    void overdue(Instant now);
    void answer_batch_without_database();
    void answer_waiting_without_database(std::size_t count);
    void deliver(const std::vector<Inquirer>& to, const std::vector<policy::Reply>& replies);

    Handler& handler_;
    base::Milliseconds time_limit_;
    Deliver deliver_;
    const log::Logger& logger_;

    std::deque<Inquirer> waiting_;
    std::deque<Question> questions_;  // of those, in the same order
    std::vector<Inquirer>
        in_hand_;  // of the batch that is out; empty when it is late: they have been answered
    ErrandPtr out_;
    std::optional<Instant> recover_at_{Instant{}};  // first of all
    bool opened_ = false;
    bool late_ = false;
};

}  // namespace sqlgrey::server
