// The requests on their way to a reply: those that wait, and the batch at the desk.
//
// First come, first served. Each has a deadline; when the desk is late, all are answered without the
// database, and so are newcomers until it is back. Knows connections only by number, and does no
// input or output. Belongs to the loop thread.
#pragma once

#include "connection.hpp"
#include "desk.hpp"
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

    // `deliver` is called from round() and abandon() only.
    Inquiries(Handler& handler, base::Milliseconds time_limit, Deliver deliver, const log::Logger& logger);

    void ask(ConnectionId connection, Ticket ticket, Question question, Instant now);
    // One turn: delivers what the desk has ready, answers what cannot wait, gives the desk its next batch.
    void round(Instant now);
    // When round() has to be called at the latest though the desk is silent.
    std::optional<Instant> next_deadline() const;
    // So many wait that nothing more should be read.
    bool full() const;
    // True once it is known how the first recover() went, or that it takes too long.
    bool opened() const { return desk_.opened() || late_; }
    int desk_fd() const { return desk_.back(); }

    // The end: what is still unanswered is answered without the database.
    void abandon();
    // Sends the desk home; false if it does not come out of the Handler (see Desk::close).
    bool close(base::Milliseconds patience);

  private:
    void collect();
    void hand_over();
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
    std::vector<Inquirer> at_desk_;   // empty while the desk is late: they have been answered
    Desk::Batch batch_;               // what the desk has; nothing if it is free
    bool late_ = false;
    Desk desk_;
};

}  // namespace sqlgrey::server
