// The way of a request: wait, desk, reply; or, when time is up, a reply without the database.
#include "inquiries.hpp"

#include "sqlgrey/server/worker.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace sqlgrey::server {

namespace {

// A bound for memory, far above what Postfix can have under way: it asks one at a time.
constexpr std::size_t waiting_limit = 1024;

}  // namespace

Inquiries::Inquiries(Handler& handler, base::Milliseconds time_limit, Deliver deliver,
                     const log::Logger& logger)
    : handler_(handler),
      time_limit_(time_limit),
      deliver_(std::move(deliver)),
      logger_(logger),
      desk_(handler) {
}

void Inquiries::ask(ConnectionId connection, Ticket ticket, Question question, Instant now) {
    waiting_.push_back({connection, ticket, now + time_limit_});
    questions_.push_back(std::move(question));
}

bool Inquiries::full() const {
    return waiting_.size() >= waiting_limit;
}

std::optional<Instant> Inquiries::next_deadline() const {
    if (!at_desk_.empty()) return at_desk_.front().deadline;
    if (!waiting_.empty()) return waiting_.front().deadline;
    return std::nullopt;
}

void Inquiries::round(Instant now) {
    collect();
    if (const auto deadline = next_deadline(); deadline && *deadline <= now) overdue(now);
    if (late_ || !handler_.available())
        answer_waiting_without_database(waiting_.size());
    else if (desk_.opened() && !batch_)
        hand_over();
}

void Inquiries::collect() {
    if (const auto replies = desk_.take()) {
        if (replies->size() == batch_->size())
            deliver(at_desk_, *replies);
        else
            answer_batch_without_database();
        at_desk_.clear();
        batch_.reset();
    }
    if (!batch_ && desk_.opened()) late_ = false;
}

void Inquiries::hand_over() {
    const auto count = std::min(waiting_.size(), batch_limit);
    if (count == 0) return;
    at_desk_.assign(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    std::vector<Question> batch(
        std::make_move_iterator(questions_.begin()),
        std::make_move_iterator(questions_.begin() + static_cast<std::ptrdiff_t>(count)));
    questions_.erase(questions_.begin(), questions_.begin() + static_cast<std::ptrdiff_t>(count));
    batch_ = std::make_shared<const std::vector<Question>>(std::move(batch));
    desk_.put(batch_);
}

// Deadlines stand in the order of arrival, so what waits cannot be overdue before what is at the desk.
void Inquiries::overdue(Instant now) {
    if (!batch_ && desk_.opened()) {  // this whole process stood still; the desk is not to blame
        const auto in_time = [now](const Inquirer& inquirer) { return inquirer.deadline > now; };
        const auto first = std::find_if(waiting_.begin(), waiting_.end(), in_time);
        return answer_waiting_without_database(static_cast<std::size_t>(first - waiting_.begin()));
    }
    late_ = true;
    logger_.write(log::Category::system, log::warning,
                  "no decision within " + std::to_string(time_limit_.count()) +
                      " ms: answering without the database (" + std::to_string(at_desk_.size()) +
                      " requests in hand, " + std::to_string(waiting_.size()) + " waiting)");
    if (!batch_) return;
    handler_.give_up();
    desk_.nudge();
    answer_batch_without_database();
    at_desk_.clear();
}

void Inquiries::answer_batch_without_database() {
    if (!at_desk_.empty()) deliver(at_desk_, handler_.answer_without_database(*batch_));
}

void Inquiries::answer_waiting_without_database(std::size_t count) {
    if (count == 0) return;
    const auto end = static_cast<std::ptrdiff_t>(count);
    const std::vector<Inquirer> to(waiting_.begin(), waiting_.begin() + end);
    const std::vector<Question> questions(std::make_move_iterator(questions_.begin()),
                                          std::make_move_iterator(questions_.begin() + end));
    waiting_.erase(waiting_.begin(), waiting_.begin() + end);
    questions_.erase(questions_.begin(), questions_.begin() + end);
    deliver(to, handler_.answer_without_database(questions));
}

void Inquiries::deliver(const std::vector<Inquirer>& to, const std::vector<policy::Reply>& replies) {
    for (std::size_t i = 0; i < to.size() && i < replies.size(); ++i) deliver_(to[i], replies[i]);
}

void Inquiries::abandon() {
    answer_batch_without_database();
    at_desk_.clear();
    answer_waiting_without_database(waiting_.size());
}

bool Inquiries::close(base::Milliseconds patience) {
    if (batch_) handler_.give_up();
    return desk_.close(patience);
}

}  // namespace sqlgrey::server
