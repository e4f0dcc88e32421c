#include "sqlgrey/service/shared_outage.hpp"

#include <algorithm>

#include <unistd.h>

namespace sqlgrey::service {
namespace {

constexpr std::int64_t between_errors = 3600;      // seconds
constexpr std::int64_t between_lock_reports = 60;  // seconds

// True for one caller of all, at most once within `pause` seconds. A time in the future, left by a clock that
// ran ahead, does not count.
bool is_due(std::atomic<std::int64_t>& last, std::int64_t now, std::int64_t pause) {
    std::int64_t seen = last;
    if (seen != 0 && seen <= now && now - seen < pause) return false;
    return last.compare_exchange_strong(seen, now);
}

void clear(SharedOutage::Slot& slot, int owner) {
    slot.owner = owner;
    slot.away = false;
}

}  // namespace

Outage::Outage(SharedOutage& shared, std::size_t slot)
    : shared_(shared), slot_(shared.slots[std::min(slot, shared.slots.size() - 1)]) {
    clear(slot_, ::getpid());
}

bool Outage::begins(base::Time now, Cause cause) {
    if (cause == Cause::stalled) {
        shared_.stalled = true;
        ++shared_.stalls;
    }
    if (cause == Cause::write_failed) shared_.write_failed = true;
    set_away(true);
    std::int64_t none = 0;
    return shared_.since.compare_exchange_strong(none, base::epoch(now));
}

bool Outage::error_is_due(base::Time now) {
    return is_due(shared_.error_logged, base::epoch(now), between_errors);
}

std::optional<std::int64_t> Outage::locked(std::int64_t requests, base::Time now) {
    shared_.locked += requests;
    if (!is_due(shared_.locks_logged, base::epoch(now), between_lock_reports)) return {};
    return shared_.locked.exchange(0);
}

std::optional<Outage::Over> Outage::wrote(base::Time now) {
    if (shared_.since == 0) return {};
    shared_.write_failed = false;
    return opened(now);
}

std::optional<Outage::Over> Outage::opened(base::Time now) {
    shared_.stalled = false;
    set_away(false);
    if (shared_.write_failed || anyone_away()) return {};
    const std::int64_t since = shared_.since.exchange(0);
    if (since == 0) return {};
    shared_.error_logged = 0;
    return Over{std::max(now - base::at(since), base::Seconds{0}), shared_.answered.exchange(0)};
}

// A worker of the previous generation may still be running; the slot belongs to its successor.
void Outage::set_away(bool away) {
    if (slot_.owner == ::getpid()) slot_.away = away;
}

bool Outage::anyone_away() const {
    return std::ranges::any_of(shared_.slots,
                               [](const SharedOutage::Slot& slot) { return slot.away.load(); });
}

void forget_slots_from(SharedOutage& shared, std::size_t workers) {
    for (std::size_t i = workers; i < shared.slots.size(); ++i) clear(shared.slots[i], 0);
}

}  // namespace sqlgrey::service
