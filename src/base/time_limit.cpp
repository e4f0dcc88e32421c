// One thread a process, because to start one for each visit to the database costs more than most visits, and
// may fail when it is needed.
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
    // That of this process. Never destroyed, for its thread may outlive main().
    static Watchdog& of_this_process();

    void add(TimeLimit& limit, Instant deadline);
    void remove(const TimeLimit& limit);

  private:
    void start_if_needed();
    void watch();
    void call_first(std::unique_lock<std::mutex>& lock);

    const pid_t process_ = ::getpid();
    std::mutex mutex_;  // for all below
    std::condition_variable changed_, called_;
    std::multimap<Instant, TimeLimit*> limits_;
    bool started_ = false;
    Instant wakes_at_ = Instant::max();
    const TimeLimit* being_called_ = nullptr;
};

// No lock: if a thread held one during a fork of another thread, it would stay held in the child for ever.
// For the same reason a child leaves its parent's watchdog as it is.
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
    // Most limits end in time, and all are about as long: the thread seldom has to be woken for one.
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
