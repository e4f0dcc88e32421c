// The end of a loop. Each connection leaves as soon as it is between two requests: handed over if there is a
// successor, otherwise closed. No replies are made here: pending requests get their usual ones, and those not
// answered in time get none.
#include "handover.hpp"
#include "loop.hpp"
#include "sqlgrey/base/fd_passing.hpp"

#include <algorithm>

#include <sys/socket.h>

namespace sqlgrey::server {

namespace {

// For a client that has sent part of a request, or does not read its reply. Postfix sends a request in one
// piece and reads the reply at once.
constexpr base::Milliseconds slow_client_limit{200};
constexpr int channel_queue = 4096;  // more than a socket's queue holds

}  // namespace

void Loop::begin_to_end(Ending how) {
    if (ending_ == Ending::none) {
        drain_end_ = now_ + options_.drain_limit;
        slow_client_end_ = now_ + std::min(slow_client_limit, options_.drain_limit);
    }
    ending_ = how;
    queue_.stop_holding();
}

// The master passes no more connections, but takes them back.
void Loop::begin_to_hand_over() {
    if (ending_ != Ending::none) return;
    begin_to_end(Ending::hand_over);
    poller_.change(channel_.get(), key_channel, 0);
}

void Loop::begin_to_stop() {
    if (ending_ == Ending::close) return;
    begin_to_end(Ending::close);
    if (stop_ >= 0) poller_.remove(stop_);
    // Connections already in the channel are served here; the master cannot pass further ones, and keeps
    // them.
    ::shutdown(channel_.get(), SHUT_RD);
    take_descriptors(channel_queue);
    poller_.remove(channel_.get());
    channel_.reset();
}

void Loop::drain() {
    if (now_ >= drain_end_) return close_all();
    std::vector<ConnectionId> ids;
    for (const auto& [id, watched] : connections_) ids.push_back(id);
    bool channel_is_full = false;
    for (const auto id : ids) {
        auto& watched = connections_.at(id);
        if (ending_ == Ending::close && !read_once_more(id, watched)) continue;
        switch (what_becomes_of(watched.connection)) {
            case Next::stays:
                watch(id, watched);
                break;
            case Next::is_closed:
                watched.connection.drop_unread();
                close(id);
                break;
            case Next::is_handed_over:
                if (!channel_is_full) channel_is_full = !hand_over(id, watched.connection);
        }
    }
    if (ending_ == Ending::hand_over)
        poller_.change(channel_.get(), key_channel, channel_is_full ? std::uint32_t{EPOLLOUT} : 0U);
    answer_what_can_be();  // in the same turn, for what the last read has brought
}

// Requests that arrived before the order to stop are answered; what comes later is not read. False if this
// closed the connection.
bool Loop::read_once_more(ConnectionId id, Watched& watched) {
    if (watched.read_at_the_end || !watched.connection.wants_input() || queue_.full()) return true;
    watched.read_at_the_end = true;
    return read_and_ask(id, watched.connection);
}

Loop::Next Loop::what_becomes_of(const Connection& connection) const {
    const bool time_is_up = now_ >= slow_client_end_;
    const bool closes = ending_ == Ending::close;
    if (connection.unanswered() || connection.has_unparsed_input()) return Next::stays;
    if (connection.wants_output()) return closes && time_is_up ? Next::is_closed : Next::stays;
    if (closes) return connection.midway() && !time_is_up ? Next::stays : Next::is_closed;
    if (connection.begun().size() <= longest_begun) return Next::is_handed_over;
    return time_is_up ? Next::is_closed : Next::stays;
}

// False if it cannot be sent now.
bool Loop::hand_over(ConnectionId id, const Connection& connection) {
    // A request that was answered without the database may still be in answer(), which writes the state of
    // its connection.
    const auto& state = connection.state();
    const bool at_rest = state.use_count() == 1;
    const HandedOver along{connection.front(), at_rest ? policy::to_text(*state) : std::string{},
                           connection.begun()};
    switch (base::send_fd(channel_.get(), connection.fd(), to_text(along))) {
        case base::PassResult::again:
            return false;
        case base::PassResult::gone:  // the master is gone, and with it any successor
            begin_to_stop();
            return false;
        case base::PassResult::done:
            poller_.remove(
                connection.fd());  // closing would not remove it: the descriptor is open elsewhere too
            close(id);
    }
    return true;
}

void Loop::close_all() {
    while (!connections_.empty()) close(connections_.begin()->first);
}

}  // namespace sqlgrey::server
