#include "slot.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include <sys/socket.h>

namespace sqlgrey::process {

namespace {

constexpr base::Milliseconds first_pause{100};
constexpr base::Milliseconds longest_pause{10'000};
constexpr base::Seconds healthy_age{60};

}  // namespace

Slot::Slot(const Role& role, std::size_t number, std::atomic<int>& open_connections)
    : role_(role), number_(number), open_connections_(open_connections) {
}

SlotCounters* Slot::counters() const {
    return number_ < role_.counters.size() ? &role_.counters[number_] : nullptr;
}

bool Slot::start(const LeaveMaster& leave_master, const log::Logger& logger, Instant now) {
    start_at_.reset();
    kill_at_.reset();
    ready_ = accepts_ = false;
    open_connections_.store(0);  // a child that was killed subtracted none
    ChildContext child;
    child.open_connections = &open_connections_;
    child.slot = number_;
    auto spawned = spawn(role_, std::move(child), leave_master, logger);
    if (spawned.pid < 0) {
        const int error = errno;
        lengthen_pause(now);
        errno = error;
        return false;
    }
    pid_ = spawned.pid;
    channel_ = std::move(spawned.channel);
    accepts_ = true;
    started_ = now;
    if (auto* counted = counters()) counted->starts.add();
    return true;
}

void Slot::start_no_later_than(Instant moment) {
    if (start_at_) start_at_ = std::min(*start_at_, moment);
}

void Slot::lengthen_pause(Instant now) {
    pause_ = std::clamp(pause_ * 2, first_pause, longest_pause);
    start_at_ = now + pause_;
}

void Slot::ended(bool unexpectedly) {
    pid_ = 0;
    kill_at_.reset();
    ready_ = accepts_ = false;
    SlotCounters* counted = counters();
    if (counted == nullptr) return;
    counted->ends.add();
    if (unexpectedly) counted->deaths.add();
    // Here and not at the next start, which may be long after: what it had open is closed now.
    counted->lost.add(static_cast<std::uint64_t>(std::max(open_connections_.exchange(0), 0)));
}

void Slot::replace(Instant now) {
    if (now < started_ + healthy_age) return lengthen_pause(now);
    pause_ = base::Milliseconds{0};
    start_at_ = now;
}

void Slot::finish(Instant kill_at) {
    start_no_more();
    if (pid_ == 0) return;
    ::kill(pid_, SIGTERM);
    retire(kill_at);
}

// By the channel, not by a signal: its end comes after the connections passed before, and cannot be lost.
void Slot::hand_over(Instant kill_at) {
    if (!role_.takes_connections || !channel_) return finish(kill_at);
    start_no_more();
    if (pid_ == 0) return;
    ::shutdown(channel_.get(), SHUT_WR);
    accepts_ = false;
    kill_at_ = kill_at;
}

void Slot::retire(Instant kill_at) {
    accepts_ = false;
    if (!kill_at_) kill_at_ = kill_at;
}

void Slot::kill() {
    kill_at_.reset();
    if (pid_ != 0) ::kill(pid_, SIGKILL);
}

base::PassResult Slot::pass(const base::Message& connection, Comes comes) {
    ++open_connections_;  // before it is passed: the child may close it at once
    const auto passed = base::send_fd(channel_.get(), connection.fd.get(), connection.text);
    if (passed != base::PassResult::done) {
        --open_connections_;
    } else if (auto* counted = counters()) {
        counted->passed.add();
        if (comes == Comes::from_client) counted->connections.add();
    }
    return passed;
}

std::optional<Instant> Slot::next_moment() const {
    if (!start_at_ || !kill_at_) return start_at_ ? start_at_ : kill_at_;
    return std::min(*start_at_, *kill_at_);
}

}  // namespace sqlgrey::process
