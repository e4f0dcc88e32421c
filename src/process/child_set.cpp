// Which child gets a connection, which one is replaced, and when all must end.
#include "child_set.hpp"

#include "sqlgrey/base/error.hpp"

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <utility>

#include <sys/wait.h>

namespace sqlgrey::process {

namespace {

// While fewer than half of those that take connections are ready.
constexpr base::Milliseconds longest_pause_of_few{2000};

std::string how_it_ended(int wait_status) {
    if (WIFSIGNALED(wait_status)) return "by signal " + std::to_string(WTERMSIG(wait_status));
    return "with status " + std::to_string(WEXITSTATUS(wait_status));
}

std::size_t slots_of(const Plan& plan) {
    return std::accumulate(plan.roles.begin(), plan.roles.end(), std::size_t{0},
                           [](std::size_t sum, const Role& role) { return sum + role.count; });
}

bool takes_connections(const Slot& slot) {
    return slot.role().takes_connections;
}

}  // namespace

ChildSet::ChildSet(Plan plan, LeaveMaster leave_master)
    : plan_(std::move(plan)), leave_master_(std::move(leave_master)), open_connections_(slots_of(plan_)) {
    slots_.reserve(slots_of(plan_));
    for (const Role& role : plan_.roles)
        for (std::size_t number = 0; number < role.count; ++number)
            slots_.emplace_back(role, number, open_connections_[slots_.size()]);
}

void ChildSet::start_due(Instant now) {
    const bool few = few_are_ready();
    for (auto& slot : slots_) {
        // Shortens a pause that was chosen while most children were alive.
        if (few && takes_connections(slot)) slot.start_no_later_than(now + longest_pause_of_few);
        if (slot.is_due(now)) start(slot, now);
    }
}

bool ChildSet::few_are_ready() const {
    const auto ready = std::ranges::count_if(
        slots_, [](const Slot& slot) { return takes_connections(slot) && slot.is_ready(); });
    return 2 * static_cast<std::size_t>(ready) < takers();
}

void ChildSet::start(Slot& slot, Instant now) {
    if (!slot.start(leave_master_, *plan_.logger, now)) log_not_started(slot, errno, now);
}

void ChildSet::log_not_started(const Slot& slot, int error, Instant now) {
    if (not_started_logged_ && now < *not_started_logged_ + std::chrono::minutes{1}) return;
    not_started_logged_ = now;
    write(log::error,
          base::with_errno("cannot start a " + slot.role().name + " process", error) +
              "; raise the limits on processes and memory (TasksMax= and MemoryMax= of the unit, ulimit -u); "
              "trying again every few seconds");
}

bool ChildSet::ended(pid_t pid, int wait_status, Instant now) {
    const auto slot = std::ranges::find(slots_, pid, &Slot::pid);
    if (slot == slots_.end()) return false;
    slot->ended(!finishing_);
    // Handed over connections may still be in its channel; the end of the channel shows when it is empty.
    if (!finishing_) slot->close_channel();
    const bool is_replaced = !superseded_ && !finishing_;
    if (is_replaced) slot->replace(now);
    // Last, because there may be no memory for it.
    const auto text = slot->role().name + ' ' + std::to_string(pid) + " ended " + how_it_ended(wait_status);
    if (is_replaced)
        write(log::warning, text + ", starting another");
    else
        write(wait_status == 0 ? log::debug : log::warning, text);
    return true;
}

void ChildSet::supersede() {
    superseded_ = true;
    for (auto& slot : slots_) slot.start_no_more();
}

void ChildSet::finish(Instant now) {
    finishing_ = true;
    for (auto& slot : slots_) slot.finish(now + plan_.drain_limit);
}

void ChildSet::hand_over(Instant now) {
    finishing_ = true;
    for (auto& slot : slots_) slot.hand_over(now + plan_.drain_limit);
}

void ChildSet::kill_all() {
    for (auto& slot : slots_) slot.kill();
}

void ChildSet::kill_overdue(Instant now) {
    for (auto& slot : slots_) {
        if (!slot.is_overdue(now)) continue;
        slot.kill();
        write(log::warning, slot.role().name + ' ' + std::to_string(slot.pid()) + " did not finish within " +
                                std::to_string(plan_.drain_limit.count()) + " ms, killing it");
    }
}

std::optional<Instant> ChildSet::next_moment() const {
    std::optional<Instant> next;
    for (const auto& slot : slots_)
        if (const auto moment = slot.next_moment()) next = std::min(next.value_or(*moment), *moment);
    return next;
}

bool ChildSet::empty() const {
    return std::ranges::all_of(slots_,
                               [](const Slot& slot) { return slot.pid() == 0 && slot.channel() < 0; });
}

bool ChildSet::ready() const {
    return std::ranges::all_of(slots_,
                               [](const Slot& slot) { return !takes_connections(slot) || slot.is_ready(); });
}

bool ChildSet::serves() const {
    return std::ranges::any_of(slots_, &Slot::serves);
}

std::size_t ChildSet::living(const SlotCounters& counters) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        slots_, [&](const Slot& slot) { return slot.pid() != 0 && slot.counters() == &counters; }));
}

std::size_t ChildSet::takers() const {
    return static_cast<std::size_t>(std::ranges::count_if(slots_, takes_connections));
}

std::vector<Slot*> ChildSet::emptiest_first() {
    std::vector<std::pair<int, Slot*>> serving;  // read once: the numbers change while we sort
    for (std::size_t i = 1; i <= slots_.size(); ++i) {
        auto& slot = slots_[(last_passed_ + i) % slots_.size()];
        if (slot.serves()) serving.emplace_back(slot.open_connections(), &slot);
    }
    std::stable_sort(serving.begin(), serving.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Slot*> slots;
    slots.reserve(serving.size());
    for (const auto& [count, slot] : serving) slots.push_back(slot);
    return slots;
}

bool ChildSet::pass(const base::Message& connection, Comes comes, Instant now) {
    for (auto* slot : emptiest_first()) {
        switch (slot->pass(connection, comes)) {
            case base::PassResult::done:
                last_passed_ = static_cast<std::size_t>(slot - slots_.data());
                return true;
            case base::PassResult::gone:
                slot->retire(now + plan_.drain_limit);
                break;
            case base::PassResult::again:
                break;
        }
    }
    return false;
}

std::vector<int> ChildSet::channels() const {
    std::vector<int> all;
    for (const auto& slot : slots_)
        if (slot.channel() >= 0) all.push_back(slot.channel());
    return all;
}

void ChildSet::read_channel(int channel, Instant now, HandoverQueue& handover) {
    const auto slot = std::ranges::find(slots_, channel, &Slot::channel);
    if (slot == slots_.end()) return;
    while (!handover.full()) {
        base::Message message;
        switch (base::receive(channel, message)) {
            case base::PassResult::again:
                return;
            case base::PassResult::gone:
                return end_of_channel(*slot, now);
            case base::PassResult::done:
                if (!message.with_fd)
                    slot->set_ready();
                else if (message.fd)
                    handover.add(std::move(message));
                else
                    log_lost();
        }
    }
}

void ChildSet::end_of_channel(Slot& slot, Instant now) const {
    slot.close_channel();
    if (slot.pid() != 0) slot.retire(now + plan_.drain_limit);
}

void ChildSet::log_lost() const {
    write(log::error,
          "a connection that an old worker handed over is lost: no descriptor is free; raise the limit on "
          "open files");
}

void ChildSet::close_channels() {
    for (auto& slot : slots_) slot.close_channel();
}

}  // namespace sqlgrey::process
