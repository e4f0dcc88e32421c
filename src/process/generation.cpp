// Seats and their children; who gets a connection, who is replaced when.
#include "generation.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/fd_passing.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/wait.h>

namespace sqlgrey::process {

namespace {

constexpr base::Milliseconds first_pause{100};
constexpr base::Milliseconds longest_pause{10'000};
constexpr base::Milliseconds longest_pause_of_few{2000};  // while fewer than half of the workers live
constexpr base::Seconds healthy_age{60};

std::string how_it_ended(int wait_status) {
    if (WIFSIGNALED(wait_status)) return "by signal " + std::to_string(WTERMSIG(wait_status));
    return "with status " + std::to_string(WEXITSTATUS(wait_status));
}

}  // namespace

Generation::Generation(Plan plan, LeaveMaster leave_master, const log::Logger& logger)
    : plan_(std::move(plan)),
      leave_master_(std::move(leave_master)),
      logger_(logger),
      scoreboard_(static_cast<std::size_t>(plan_.workers) + 1),
      seats_(static_cast<std::size_t>(plan_.workers) + (plan_.maintenance ? 1 : 0)) {
    for (std::size_t i = 0; i < seats_.size(); ++i) {
        seats_[i].open_connections = &scoreboard_.at(i);
        seats_[i].start_at = Instant{};  // at once
        if (i >= static_cast<std::size_t>(plan_.workers)) seats_[i].role = "maintenance";
    }
}

const std::function<int(Post&)>& Generation::task(const Seat& seat) const {
    return is_worker(seat) ? plan_.worker : plan_.maintenance;
}

void Generation::start_due(Instant now) {
    const bool few = few_workers_live();
    for (auto& seat : seats_) {
        if (!seat.start_at) continue;
        // A pause that was chosen while most lived is cut short when they do not any more.
        if (few && is_worker(seat)) seat.start_at = std::min(*seat.start_at, now + longest_pause_of_few);
        if (*seat.start_at <= now) start(seat, now);
    }
}

bool Generation::few_workers_live() const {
    return 2 * std::ranges::count_if(worker_seats(), [](const Seat& s) { return s.ready; }) < plan_.workers;
}

void Generation::start(Seat& seat, Instant now) {
    seat.start_at.reset();
    seat.kill_at.reset();
    seat.ready = seat.takes = false;
    seat.open_connections->store(0);
    Post post;
    post.open_connections = seat.open_connections;
    post.seat = static_cast<std::size_t>(&seat - seats_.data());
    auto born = give_birth(task(seat), std::move(post), leave_master_, logger_);
    if (born.pid < 0) {
        const int error = errno;
        lengthen_pause(seat, now);
        return say_not_started(seat, error, now);
    }
    seat.pid = born.pid;
    seat.channel = std::move(born.channel);
    seat.takes = true;
    seat.started = now;
}

void Generation::say_not_started(const Seat& seat, int error, Instant now) {
    if (told_not_started_ && now < *told_not_started_ + std::chrono::minutes{1}) return;
    told_not_started_ = now;
    say(log::error, base::with_errno(std::string("cannot start a ") + seat.role + " process", error) +
                        "; raise the limits on processes and memory (TasksMax= and MemoryMax= of the unit, "
                        "ulimit -u); trying again every few seconds");
}

void Generation::lengthen_pause(Seat& seat, Instant now) const {
    seat.pause = std::clamp(seat.pause * 2, first_pause, longest_pause);
    seat.start_at = now + seat.pause;
}

bool Generation::ended(pid_t pid, int wait_status, Instant now) {
    const auto seat =
        std::find_if(seats_.begin(), seats_.end(), [pid](const Seat& s) { return s.pid == pid; });
    if (seat == seats_.end()) return false;
    seat->pid = 0;
    seat->kill_at.reset();
    seat->ready = seat->takes = false;
    // What it has handed over before may still be in its channel, which says by itself when it is empty.
    if (!finishing_) seat->channel.reset();
    const bool is_replaced = !superseded_ && !finishing_;
    if (is_replaced) replace(*seat, now);
    // Last, because there may be no memory for it.
    const auto text = seat->role + (" " + std::to_string(pid)) + " ended " + how_it_ended(wait_status);
    if (is_replaced)
        say(log::warning, text + ", starting another");
    else
        say(wait_status == 0 ? log::debug : log::warning, text);
    return true;
}

void Generation::replace(Seat& seat, Instant now) const {
    if (now < seat.started + healthy_age) return lengthen_pause(seat, now);
    seat.pause = base::Milliseconds{0};
    seat.start_at = now;
}

void Generation::supersede() {
    superseded_ = true;
    for (auto& seat : seats_) seat.start_at.reset();
}

void Generation::finish(Instant now) {
    finishing_ = true;
    for (auto& seat : seats_) {
        seat.start_at.reset();
        if (seat.pid == 0) continue;
        ::kill(seat.pid, SIGTERM);
        seat.takes = false;
        if (!seat.kill_at) seat.kill_at = now + plan_.drain_limit;
    }
}

void Generation::hand_over(Instant now) {
    finishing_ = true;
    for (auto& seat : seats_) {
        seat.start_at.reset();
        if (seat.pid == 0) continue;
        // In the order of the connections passed before, and it cannot fail for want of room.
        if (is_worker(seat) && seat.channel)
            ::shutdown(seat.channel.get(), SHUT_WR);
        else
            ::kill(seat.pid, SIGTERM);
        seat.takes = false;
        seat.kill_at = now + plan_.drain_limit;
    }
}

void Generation::kill_all() const {
    for (const auto& seat : seats_)
        if (seat.pid != 0) ::kill(seat.pid, SIGKILL);
}

void Generation::kill_overdue(Instant now) {
    for (auto& seat : seats_) {
        if (seat.pid == 0 || !seat.kill_at || *seat.kill_at > now) continue;
        seat.kill_at.reset();
        say(log::warning, seat.role + (" " + std::to_string(seat.pid)) + " did not finish within " +
                              std::to_string(plan_.drain_limit.count()) + " ms, killing it");
        ::kill(seat.pid, SIGKILL);
    }
}

std::optional<Instant> Generation::next_moment() const {
    std::optional<Instant> next;
    for (const auto& seat : seats_)
        for (const auto& moment : {seat.start_at, seat.kill_at})
            if (moment) next = std::min(next.value_or(*moment), *moment);
    return next;
}

bool Generation::empty() const {
    return std::ranges::all_of(seats_, [](const Seat& s) { return s.pid == 0 && !s.channel; });
}

bool Generation::is_worker(const Seat& seat) const {
    return &seat - seats_.data() < plan_.workers;
}

std::span<const Generation::Seat> Generation::worker_seats() const {
    return std::span(seats_).first(static_cast<std::size_t>(plan_.workers));
}

bool Generation::ready() const {
    return std::ranges::all_of(worker_seats(), [](const Seat& s) { return s.ready; });
}

bool Generation::serves() const {
    return std::ranges::any_of(worker_seats(), takes_connections);
}

// One that still starts may never come to serve, and what was passed to it would be lost.
bool Generation::takes_connections(const Seat& seat) {
    return seat.ready && seat.takes;
}

std::vector<Generation::Seat*> Generation::emptiest_first() {
    std::vector<std::pair<int, Seat*>> open;  // read once: the numbers move while we sort
    const auto workers = static_cast<std::size_t>(plan_.workers);
    for (std::size_t i = 1; i <= workers; ++i) {
        auto& seat = seats_[(last_passed_ + i) % workers];
        if (takes_connections(seat)) open.emplace_back(seat.open_connections->load(), &seat);
    }
    std::stable_sort(open.begin(), open.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Seat*> seats;
    seats.reserve(open.size());
    for (const auto& [count, seat] : open) seats.push_back(seat);
    return seats;
}

bool Generation::pass(int connection, std::string_view text, Instant now) {
    for (auto* seat : emptiest_first()) {
        ++*seat->open_connections;  // before it is passed: the child may close it at once
        const auto passed = base::send_fd(seat->channel.get(), connection, text);
        if (passed == base::Passed::yes) {
            last_passed_ = static_cast<std::size_t>(seat - seats_.data());
            return true;
        }
        --*seat->open_connections;
        if (passed == base::Passed::gone) stop_passing(*seat, now);
    }
    return false;
}

// It has ended, or is about to, and gets as long for that as at any other end.
void Generation::stop_passing(Seat& seat, Instant now) const {
    seat.takes = false;
    if (!seat.kill_at) seat.kill_at = now + plan_.drain_limit;
}

std::vector<int> Generation::channels() const {
    std::vector<int> all;
    for (const auto& seat : seats_)
        if (seat.channel) all.push_back(seat.channel.get());
    return all;
}

void Generation::listen_to(int channel, Instant now, Handover& handover) {
    const auto seat = std::find_if(seats_.begin(), seats_.end(),
                                   [channel](const Seat& s) { return s.channel.get() == channel; });
    if (seat == seats_.end()) return;
    while (!handover.full()) {
        base::Message message;
        switch (base::receive(channel, message)) {
            case base::Passed::again:
                return;
            case base::Passed::gone:
                return end_of_channel(*seat, now);
            case base::Passed::yes:
                if (!message.with_fd)
                    seat->ready = true;
                else if (message.fd)
                    handover.add(std::move(message));
                else
                    say_lost();
        }
    }
}

void Generation::end_of_channel(Seat& seat, Instant now) const {
    seat.channel.reset();
    if (seat.pid != 0) stop_passing(seat, now);
}

void Generation::say_lost() const {
    say(log::error,
        "a connection that an old worker handed over is lost: no descriptor is free; raise the limit on open "
        "files");
}

void Generation::close_channels() {
    for (auto& seat : seats_) seat.channel.reset();
}

}  // namespace sqlgrey::process
