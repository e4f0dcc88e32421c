// A request waits, is decided with the database, and gets its reply; or a reply without the database when its
// time is up.
#include "request_queue.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace sqlgrey::server {

namespace {

// Bounds memory; far above what Postfix has pending: each smtpd asks one request at a time.
constexpr std::size_t waiting_limit = 1024;

}  // namespace

RequestQueue::RequestQueue(policy::RequestHandler& handler, base::Milliseconds time_limit,
                           WorkerCounters& counters, Deliver deliver, const log::Logger& logger)
    : handler_(handler),
      time_limit_(time_limit),
      counters_(counters),
      deliver_(std::move(deliver)),
      logger_(logger) {
}

void RequestQueue::ask(ConnectionId connection, Ticket ticket, policy::PendingRequest question, Instant now) {
    waiting_.push_back({connection, ticket, now, now + time_limit_});
    questions_.push_back(std::move(question));
}

bool RequestQueue::full() const {
    return waiting_.size() >= waiting_limit;
}

std::optional<Instant> RequestQueue::next_deadline() const {
    std::optional<Instant> next = running_ ? std::nullopt : recover_at_;
    const auto not_after = [&next](Instant moment) { next = std::min(next.value_or(moment), moment); };
    if (!in_database_.empty()) not_after(in_database_.front().deadline);
    if (!waiting_.empty()) not_after(waiting_.front().deadline);
    if (!held_.empty()) not_after(held_.begin()->first);
    return next;
}

void RequestQueue::answer_what_cannot_wait(Instant now) {
    const auto overdue_by_now = [now](const auto& queue) {
        return !queue.empty() && queue.front().deadline <= now;
    };
    if (overdue_by_now(in_database_) || overdue_by_now(waiting_)) overdue(now);
    put_back(now);
    if (late_ || !handler_.available()) answer_waiting_without_database(waiting_.size());
}

// All of them at the end and while the database is unavailable: then they are answered as any other.
void RequestQueue::put_back(Instant now) {
    const bool all = !may_hold_ || late_ || !handler_.available();
    while (!held_.empty() && (all || held_.begin()->first <= now)) {
        Held& held = held_.begin()->second;
        held.waiter.deadline = now + time_limit_;
        waiting_.push_back(held.waiter);
        questions_.push_back(std::move(held.question));
        held_.erase(held_.begin());
    }
}

bool RequestQueue::may_ask() const {
    return opened_ && !waiting_.empty() && handler_.available();
}

bool RequestQueue::has_job(Instant now) const {
    return !running_ && (may_ask() || (recover_at_ && *recover_at_ <= now));
}

JobPtr RequestQueue::next_job(Instant now) {
    if (!has_job(now)) return {};
    if (may_ask()) return running_ = batch_of_waiting(now);
    recover_at_.reset();
    if (opened_ && handler_.available()) return {};  // another worker has reconnected
    return running_ = std::make_shared<DatabaseJob>();
}

JobPtr RequestQueue::batch_of_waiting(Instant now) {
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), batch_limit));
    in_database_.assign(waiting_.begin(), waiting_.begin() + count);
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    std::vector<policy::PendingRequest> batch(std::make_move_iterator(questions_.begin()),
                                              std::make_move_iterator(questions_.begin() + count));
    questions_.erase(questions_.begin(), questions_.begin() + count);
    std::size_t left = may_hold_ ? held_limit - without_reply_ : 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        policy::PendingRequest& question = batch[i];
        question.since_arrival = std::chrono::floor<base::Milliseconds>(now - in_database_[i].arrived);
        question.may_be_held = may_hold_ && (question.was_held || left > 0);
        if (question.may_be_held && !question.was_held) --left;
    }
    counters_.batch_size.add(static_cast<std::uint64_t>(count));
    return std::make_shared<DatabaseJob>(
        DatabaseJob{std::make_shared<const std::vector<policy::PendingRequest>>(std::move(batch)), {}});
}

bool RequestQueue::completed(const DatabaseJob& job, Instant now) {
    const bool in_time = !in_database_.empty();
    if (!job.batch)
        opened_ = true;
    else if (job.replies.size() == job.batch->size())
        take_replies(job, now);
    else
        answer_batch_without_database();
    in_database_.clear();
    running_.reset();
    if (!handler_.available()) recover_at_ = now + handler_.pause_before_recover();
    late_ = false;
    return in_time;
}

void RequestQueue::take_replies(const DatabaseJob& job, Instant now) {
    const Instant at = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < in_database_.size(); ++i) {
        if (job.replies[i].ask_again.count() > 0)
            hold({in_database_[i], (*job.batch)[i]}, now + job.replies[i].ask_again);
        else
            deliver(in_database_[i], job.replies[i], at);
    }
}

void RequestQueue::hold(Held held, Instant until) {
    if (!held.waiter.was_held) {
        ++without_reply_;
        counters_.held.add();
    }
    held.waiter.was_held = held.question.was_held = true;
    held_.emplace(until, std::move(held));
}

// Deadlines are in order of arrival, so waiting requests cannot be overdue before those in the database.
void RequestQueue::overdue(Instant now) {
    if (!running_ && opened_) {  // the whole process was stopped; that is not the database's fault
        const auto in_time = [now](const Waiter& waiter) { return waiter.deadline > now; };
        const auto first = std::find_if(waiting_.begin(), waiting_.end(), in_time);
        return answer_waiting_without_database(static_cast<std::size_t>(first - waiting_.begin()));
    }
    late_ = true;
    logger_.write(log::Category::system, log::warning,
                  "no decision within " + std::to_string(time_limit_.count()) +
                      " ms: answering without the database (" + std::to_string(in_database_.size()) +
                      " requests in hand, " + std::to_string(waiting_.size()) + " waiting)");
    interrupt();
    answer_batch_without_database();
    in_database_.clear();
}

void RequestQueue::answer_batch_without_database() {
    if (!in_database_.empty())
        deliver(in_database_,
                handler_.answer_without_database(*running_->batch, policy::Reporting::by_answer));
}

void RequestQueue::answer_waiting_without_database(std::size_t count) {
    if (count == 0) return;
    const auto end = static_cast<std::ptrdiff_t>(count);
    const std::vector<Waiter> to(waiting_.begin(), waiting_.begin() + end);
    const std::vector<policy::PendingRequest> questions(std::make_move_iterator(questions_.begin()),
                                                        std::make_move_iterator(questions_.begin() + end));
    waiting_.erase(waiting_.begin(), waiting_.begin() + end);
    questions_.erase(questions_.begin(), questions_.begin() + end);
    deliver(to, handler_.answer_without_database(questions, policy::Reporting::here));
}

void RequestQueue::deliver(const std::vector<Waiter>& to, const std::vector<policy::Reply>& replies) {
    const Instant at = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < to.size() && i < replies.size(); ++i) deliver(to[i], replies[i], at);
}

void RequestQueue::deliver(const Waiter& to, const policy::Reply& reply, Instant at) {
    deliver_(to, reply);
    if (to.was_held) --without_reply_;
    const auto took = at - to.arrived;
    counters_.request_time.add(
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
}

void RequestQueue::interrupt() {
    if (running_ && running_->batch) handler_.give_up();
}

}  // namespace sqlgrey::server
