// The end of a loop: what is complete is answered, what has begun gets a moment, nothing new is taken.
#include "loop.hpp"

#include <algorithm>

#include <sys/socket.h>

namespace sqlgrey::server {

namespace {

constexpr base::Milliseconds grace{1000};
constexpr int channel_queue = 4096;  // more than a socket's queue holds

}  // namespace

void Loop::begin_to_stop() {
    if (stopping_) return;
    stopping_ = true;
    drain_end_ = now_ + options_.drain_limit;
    grace_end_ = now_ + std::min(grace, options_.drain_limit);
    if (stop_ >= 0) poller_.remove(stop_);
    // What has been passed is ours; what comes later is refused, and the master keeps it.
    ::shutdown(channel_.get(), SHUT_RD);
    take_descriptors(channel_queue);
    poller_.remove(channel_.get());
    channel_.reset();
}

void Loop::drain() {
    if (now_ >= drain_end_) {
        inquiries_.abandon();
        settle();
        return close_all();
    }
    std::vector<ConnectionId> ids;
    for (const auto& [id, watched] : connections_) ids.push_back(id);
    for (const auto id : ids)
        if (auto& connection = connections_.at(id).connection; may_go(id, connection)) close(id);
    // What the last look brought is dealt with in the same turn.
    answer_what_can_be();
}

// Reads before it judges: a request that has arrived is answered.
bool Loop::may_go(ConnectionId id, Connection& connection) {
    if (connection.in_hand()) return false;
    if (connection.wants_input() && !inquiries_.full()) {
        if (connection.read(now_) == Connection::Health::broken) return true;
        if (ask_what_has_come(id, connection)) return false;
    }
    if (connection.input_ended()) return true;
    if (connection.midway()) return now_ >= grace_end_;
    // Whoever has just connected is about to ask.
    return !connection.fresh() || now_ >= std::min(grace_end_, connection.arrived() + grace);
}

void Loop::close_all() {
    while (!connections_.empty()) close(connections_.begin()->first);
}

}  // namespace sqlgrey::server
