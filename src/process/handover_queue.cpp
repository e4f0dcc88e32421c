#include "handover_queue.hpp"

#include "sqlgrey/base/time.hpp"

namespace sqlgrey::process {

namespace {

constexpr std::size_t most_waiting = 64;  // as many descriptors, and at most 512 kB of text
constexpr base::Milliseconds pause{5};    // a worker will soon be able to take some

}  // namespace

bool HandoverQueue::full() const {
    return waiting_.size() >= most_waiting;
}

void HandoverQueue::pass_on(Instant now, const Pass& pass) {
    tried_ = now;
    while (!waiting_.empty() && pass(waiting_.front())) waiting_.pop_front();
}

std::optional<Instant> HandoverQueue::next_moment() const {
    if (waiting_.empty()) return std::nullopt;
    return tried_ + pause;
}

}  // namespace sqlgrey::process
