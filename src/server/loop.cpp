// Turns of waiting, dispatching, answering and writing, until there is a job for the database.
#include "loop.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

namespace sqlgrey::server {

namespace {

constexpr int accepted_a_turn = 32;
constexpr base::Milliseconds longest_sleep_while_ending{50};
constexpr base::Milliseconds interrupt_timeout{1000};  // for a job that was interrupted at the end
constexpr std::int64_t longest_sleep_ms = 3'600'000;   // fits the int that the kernel takes

}  // namespace

Loop::Loop(WorkerContext context, policy::RequestHandler& handler, LeaderFollowers& threads,
           const WorkerOptions& options, const log::Logger& logger)
    : channel_(std::move(context.channel)),
      stop_(context.stop),
      handler_(handler),
      threads_(threads),
      options_(options),
      open_connections_(context.open_connections),
      counters_(context.counters),
      on_ready_(std::move(context.on_ready)),
      logger_(logger),
      now_(std::chrono::steady_clock::now()),
      started_(now_),
      last_id_(first_connection),
      queue_(
          handler, options.time_limit, context.counters,
          [this](const Waiter& waiter, const policy::Reply& reply) {
              const auto found = connections_.find(waiter.connection);
              if (found == connections_.end()) return;  // closed in the meantime
              found->second.connection.answer(waiter.ticket, reply);
              touched_.push_back(waiter.connection);
          },
          logger) {
    const bool watched = poller_.add(channel_.get(), key_channel, EPOLLIN) &&
                         (stop_ < 0 || poller_.add(stop_, key_stop, EPOLLIN)) &&
                         poller_.add(threads_.completed_fd(), key_completed, EPOLLIN);
    if (!watched) throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

Loop::~Loop() {
    close_all();
}

// At least one turn before each job: clients that keep asking must not prevent others from being read.
JobPtr Loop::run_until_job(JobPtr done) {
    if (done) {
        completed(*done);
        done.reset();  // and with it its references to connection states
        answer_what_can_be();
        if (ending_ != Ending::none) drain();
    }
    while (!over()) {
        turn();
        if (over()) break;
        if (JobPtr job = queue_.next_job(now_)) {
            if (job->batch) batch_end_ = now_ + options_.time_limit;
            return job;
        }
    }
    queue_.interrupt();
    if (queue_.is_running() && !threads_.wait_for_completed(interrupt_timeout)) ended_ = Ended::job_stuck;
    return {};
}

void Loop::turn() {
    yield_cpu();
    const auto events = poller_.wait(queue_.has_job(now_) ? 0 : timeout());
    now_ = std::chrono::steady_clock::now();
    for (const auto& event : events) dispatch(event.data.u64, event.events);
    answer_what_can_be();
    close_those_who_do_not_read();
    if (ending_ != Ending::none) drain();
}

// A batch is waited for until its last deadline even if its clients are gone, because its rows must be
// committed.
bool Loop::over() const {
    if (ending_ == Ending::none || !connections_.empty()) return false;
    return !batch_end_ || now_ >= std::min(*batch_end_, drain_end_);
}

void Loop::yield_cpu() {
    const auto from = std::chrono::steady_clock::now();
    if (!yield_backoff_.due(from)) return;
    std::this_thread::yield();
    yield_backoff_.yielded(from, std::chrono::steady_clock::now());
}

void Loop::answer_what_can_be() {
    do queue_.answer_what_cannot_wait(now_);
    while (write_replies());
    if (std::exchange(replied_, false)) handler_.replied();
    announce_ready();
}

void Loop::completed(const DatabaseJob& job) {
    now_ = std::chrono::steady_clock::now();
    batch_end_.reset();
    if (job.error) std::rethrow_exception(job.error);
    replied_ = queue_.completed(job, now_);
}

int Loop::timeout() const {
    std::optional<Instant> next = queue_.next_deadline();
    const auto not_after = [&next](Instant moment) { next = std::min(next.value_or(moment), moment); };
    if (on_ready_) not_after(started_ + options_.time_limit);
    if (ending_ != Ending::none) not_after(now_ + longest_sleep_while_ending);
    for (const auto id : not_reading_)
        if (const auto since = connections_.at(id).connection.unread_since())
            not_after(*since + options_.unread_limit);
    if (!next) return -1;
    const auto left = std::chrono::ceil<base::Milliseconds>(*next - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, longest_sleep_ms));
}

void Loop::dispatch(std::uint64_t key, std::uint32_t events) {
    switch (key) {
        case key_channel:
            if (ending_ == Ending::none) return take_descriptors(accepted_a_turn);
            if ((events & (EPOLLHUP | EPOLLERR)) != 0) begin_to_stop();
            return;
        case key_stop:
            return begin_to_stop();
        case key_completed:
            if (const JobPtr job = threads_.take_completed()) completed(*job);
            return;
        default:
            return on_event(key, events);
    }
}

void Loop::announce_ready() {
    if (!on_ready_ || (!queue_.opened() && now_ < started_ + options_.time_limit)) return;
    std::exchange(on_ready_, nullptr)();
}

}  // namespace sqlgrey::server
