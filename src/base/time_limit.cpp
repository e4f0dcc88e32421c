// One thread per process: starting one for each visit to the database would cost more than most visits, and
// could fail when it is needed.
#include "sqlgrey/base/time_limit.hpp"

#include "sqlgrey/base/quiet_thread.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include <unistd.h>

namespace sqlgrey::base {

namespace {

using Instant = std::chrono::steady_clock::time_point;

}  // namespace

class Watchdog {
  public:
    // The one of this process. Never destroyed: its thread may outlive main().
    static Watchdog& of_this_process();

    void add(TimeLimit& limit, Instant deadline);
    void remove(const TimeLimit& limit);

  private:
    void start_if_needed();
    void watch();
    void call_first(std::unique_lock<std::mutex>& lock);

    const pid_t process_ = ::getpid();
    std::mutex mutex_;  // guards all members below
    std::condition_variable changed_, called_;
    std::multimap<Instant, TimeLimit*> limits_;
    bool started_ = false;
    Instant wakes_at_ = Instant::max();
    const TimeLimit* being_called_ = nullptr;
};

// No lock: held by another thread during a fork, it would stay locked in the child. For the same reason a
// child does not touch its parent's watchdog.
Watchdog& Watchdog::of_this_process() {
    static std::atomic<Watchdog*> latest{nullptr};
    for (Watchdog* known = latest;;) {
        if (known != nullptr && known->process_ == ::getpid()) return *known;
        auto fresh = std::make_unique<Watchdog>();
        if (latest.compare_exchange_strong(known, fresh.get())) return *fresh.release();
    }
}

void Watchdog::add(TimeLimit& limit, Instant deadline) {
    const std::lock_guard lock(mutex_);
    start_if_needed();
    limits_.emplace(deadline, &limit);
    // Most limits do not expire and last equally long, so the thread rarely has to wake for a new one.
    if (deadline < wakes_at_) changed_.notify_one();
}

void Watchdog::remove(const TimeLimit& limit) {
    std::unique_lock lock(mutex_);
    std::erase_if(limits_, [&limit](const auto& entry) { return entry.second == &limit; });
    called_.wait(lock, [this, &limit] { return being_called_ != &limit; });
}

void Watchdog::start_if_needed() {
    if (started_) return;
    quiet_thread([this] { watch(); }).detach();
    started_ = true;
}

void Watchdog::watch() {
    for (std::unique_lock lock(mutex_);;) {
        wakes_at_ = limits_.empty() ? Instant::max() : limits_.begin()->first;
        if (limits_.empty())
            changed_.wait(lock);
        else if (wakes_at_ > std::chrono::steady_clock::now())
            changed_.wait_until(lock, wakes_at_);
        else
            call_first(lock);
    }
}

void Watchdog::call_first(std::unique_lock<std::mutex>& lock) {
    const auto first = limits_.begin();
    being_called_ = first->second;
    limits_.erase(first);
    lock.unlock();
    being_called_->too_late_();
    lock.lock();
    being_called_ = nullptr;
    called_.notify_all();
}

TimeLimit::TimeLimit(Milliseconds limit, std::function<void()> too_late)
    : too_late_(std::move(too_late)), watchdog_(Watchdog::of_this_process()) {
    watchdog_.add(*this, std::chrono::steady_clock::now() + limit);
}

TimeLimit::~TimeLimit() {
    watchdog_.remove(*this);
}

}  // namespace sqlgrey::base
