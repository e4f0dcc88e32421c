// Slots and their children; who gets a connection, who is replaced when.
#include "child_set.hpp"

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

ChildSet::ChildSet(Plan plan, LeaveMaster leave_master, const log::Logger& logger)
    : plan_(std::move(plan)),
      leave_master_(std::move(leave_master)),
      logger_(logger),
      scoreboard_(static_cast<std::size_t>(plan_.workers) + 1),
      slots_(static_cast<std::size_t>(plan_.workers) + (plan_.maintenance ? 1 : 0)) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        slots_[i].open_connections = &scoreboard_.at(i);
        slots_[i].start_at = Instant{};  // at once
        if (i >= static_cast<std::size_t>(plan_.workers)) slots_[i].role = "maintenance";
    }
}

const std::function<int(ChildContext&)>& ChildSet::task(const Slot& slot) const {
    return is_worker(slot) ? plan_.worker : plan_.maintenance;
}

void ChildSet::start_due(Instant now) {
    const bool few = few_workers_live();
    for (auto& slot : slots_) {
        if (!slot.start_at) continue;
        // A pause that was chosen while most lived is cut short when they do not any more.
        if (few && is_worker(slot)) slot.start_at = std::min(*slot.start_at, now + longest_pause_of_few);
        if (*slot.start_at <= now) start(slot, now);
    }
}

bool ChildSet::few_workers_live() const {
    return 2 * std::ranges::count_if(worker_slots(), [](const Slot& s) { return s.ready; }) < plan_.workers;
}

void ChildSet::start(Slot& slot, Instant now) {
    slot.start_at.reset();
    slot.kill_at.reset();
    slot.ready = slot.takes = false;
    slot.open_connections->store(0);
    ChildContext child;
    child.open_connections = slot.open_connections;
    child.slot = static_cast<std::size_t>(&slot - slots_.data());
    auto spawned = spawn(task(slot), std::move(child), leave_master_, logger_);
    if (spawned.pid < 0) {
        const int error = errno;
        lengthen_pause(slot, now);
        return say_not_started(slot, error, now);
    }
    slot.pid = spawned.pid;
    slot.channel = std::move(spawned.channel);
    slot.takes = true;
    slot.started = now;
}

void ChildSet::say_not_started(const Slot& slot, int error, Instant now) {
    if (told_not_started_ && now < *told_not_started_ + std::chrono::minutes{1}) return;
    told_not_started_ = now;
    say(log::error, base::with_errno(std::string("cannot start a ") + slot.role + " process", error) +
                        "; raise the limits on processes and memory (TasksMax= and MemoryMax= of the unit, "
                        "ulimit -u); trying again every few seconds");
}

void ChildSet::lengthen_pause(Slot& slot, Instant now) const {
    slot.pause = std::clamp(slot.pause * 2, first_pause, longest_pause);
    slot.start_at = now + slot.pause;
}

bool ChildSet::ended(pid_t pid, int wait_status, Instant now) {
    const auto slot =
        std::find_if(slots_.begin(), slots_.end(), [pid](const Slot& s) { return s.pid == pid; });
    if (slot == slots_.end()) return false;
    slot->pid = 0;
    slot->kill_at.reset();
    slot->ready = slot->takes = false;
    // What it has handed over before may still be in its channel, which says by itself when it is empty.
    if (!finishing_) slot->channel.reset();
    const bool is_replaced = !superseded_ && !finishing_;
    if (is_replaced) replace(*slot, now);
    // Last, because there may be no memory for it.
    const auto text = slot->role + (" " + std::to_string(pid)) + " ended " + how_it_ended(wait_status);
    if (is_replaced)
        say(log::warning, text + ", starting another");
    else
        say(wait_status == 0 ? log::debug : log::warning, text);
    return true;
}

void ChildSet::replace(Slot& slot, Instant now) const {
    if (now < slot.started + healthy_age) return lengthen_pause(slot, now);
    slot.pause = base::Milliseconds{0};
    slot.start_at = now;
}

void ChildSet::supersede() {
    superseded_ = true;
    for (auto& slot : slots_) slot.start_at.reset();
}

void ChildSet::finish(Instant now) {
    finishing_ = true;
    for (auto& slot : slots_) {
        slot.start_at.reset();
        if (slot.pid == 0) continue;
        ::kill(slot.pid, SIGTERM);
        slot.takes = false;
        if (!slot.kill_at) slot.kill_at = now + plan_.drain_limit;
    }
}

void ChildSet::hand_over(Instant now) {
    finishing_ = true;
    for (auto& slot : slots_) {
        slot.start_at.reset();
        if (slot.pid == 0) continue;
        // In the order of the connections passed before, and it cannot fail for want of room.
        if (is_worker(slot) && slot.channel)
            ::shutdown(slot.channel.get(), SHUT_WR);
        else
            ::kill(slot.pid, SIGTERM);
        slot.takes = false;
        slot.kill_at = now + plan_.drain_limit;
    }
}

void ChildSet::kill_all() const {
    for (const auto& slot : slots_)
        if (slot.pid != 0) ::kill(slot.pid, SIGKILL);
}

void ChildSet::kill_overdue(Instant now) {
    for (auto& slot : slots_) {
        if (slot.pid == 0 || !slot.kill_at || *slot.kill_at > now) continue;
        slot.kill_at.reset();
        say(log::warning, slot.role + (" " + std::to_string(slot.pid)) + " did not finish within " +
                              std::to_string(plan_.drain_limit.count()) + " ms, killing it");
        ::kill(slot.pid, SIGKILL);
    }
}

std::optional<Instant> ChildSet::next_moment() const {
    std::optional<Instant> next;
    for (const auto& slot : slots_)
        for (const auto& moment : {slot.start_at, slot.kill_at})
            if (moment) next = std::min(next.value_or(*moment), *moment);
    return next;
}

bool ChildSet::empty() const {
    return std::ranges::all_of(slots_, [](const Slot& s) { return s.pid == 0 && !s.channel; });
}

bool ChildSet::is_worker(const Slot& slot) const {
    return &slot - slots_.data() < plan_.workers;
}

std::span<const ChildSet::Slot> ChildSet::worker_slots() const {
    return std::span(slots_).first(static_cast<std::size_t>(plan_.workers));
}

bool ChildSet::ready() const {
    return std::ranges::all_of(worker_slots(), [](const Slot& s) { return s.ready; });
}

bool ChildSet::serves() const {
    return std::ranges::any_of(worker_slots(), takes_connections);
}

// One that still starts may never come to serve, and what was passed to it would be lost.
bool ChildSet::takes_connections(const Slot& slot) {
    return slot.ready && slot.takes;
}

std::vector<ChildSet::Slot*> ChildSet::emptiest_first() {
    std::vector<std::pair<int, Slot*>> open;  // read once: the numbers move while we sort
    const auto workers = static_cast<std::size_t>(plan_.workers);
    for (std::size_t i = 1; i <= workers; ++i) {
        auto& slot = slots_[(last_passed_ + i) % workers];
        if (takes_connections(slot)) open.emplace_back(slot.open_connections->load(), &slot);
    }
    std::stable_sort(open.begin(), open.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Slot*> slots;
    slots.reserve(open.size());
    for (const auto& [count, slot] : open) slots.push_back(slot);
    return slots;
}

bool ChildSet::pass(int connection, std::string_view text, Instant now) {
    for (auto* slot : emptiest_first()) {
        ++*slot->open_connections;  // before it is passed: the child may close it at once
        const auto passed = base::send_fd(slot->channel.get(), connection, text);
        if (passed == base::Passed::yes) {
            last_passed_ = static_cast<std::size_t>(slot - slots_.data());
            return true;
        }
        --*slot->open_connections;
        if (passed == base::Passed::gone) retire(*slot, now);
    }
    return false;
}

// It has ended, or is about to, and gets as long for that as at any other end.
void ChildSet::retire(Slot& slot, Instant now) const {
    slot.takes = false;
    if (!slot.kill_at) slot.kill_at = now + plan_.drain_limit;
}

std::vector<int> ChildSet::channels() const {
    std::vector<int> all;
    for (const auto& slot : slots_)
        if (slot.channel) all.push_back(slot.channel.get());
    return all;
}

void ChildSet::read_channel(int channel, Instant now, HandoverQueue& handover) {
    const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                   [channel](const Slot& s) { return s.channel.get() == channel; });
    if (slot == slots_.end()) return;
    while (!handover.full()) {
        base::Message message;
        switch (base::receive(channel, message)) {
            case base::Passed::again:
                return;
            case base::Passed::gone:
                return end_of_channel(*slot, now);
            case base::Passed::yes:
                if (!message.with_fd)
                    slot->ready = true;
                else if (message.fd)
                    handover.add(std::move(message));
                else
                    say_lost();
        }
    }
}

void ChildSet::end_of_channel(Slot& slot, Instant now) const {
    slot.channel.reset();
    if (slot.pid != 0) retire(slot, now);
}

void ChildSet::say_lost() const {
    say(log::error,
        "a connection that an old worker handed over is lost: no descriptor is free; raise the limit on open "
        "files");
}

void ChildSet::close_channels() {
    for (auto& slot : slots_) slot.channel.reset();
}

}  // namespace sqlgrey::process
