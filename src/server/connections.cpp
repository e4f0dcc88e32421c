// The loop's connections: how they arrive, are read, written and closed.
#include "handover.hpp"
#include "loop.hpp"
#include "sqlgrey/base/fd_passing.hpp"

#include <string>
#include <utility>

#include <sys/epoll.h>
#include <unistd.h>

namespace sqlgrey::server {

void Loop::take_descriptors(int at_most) {
    for (int i = 0; i < at_most && channel_; ++i) {
        base::Message message;
        switch (base::receive(channel_.get(), message)) {
            case base::PassResult::again:
                return;
            case base::PassResult::gone:
                return begin_to_hand_over();
            case base::PassResult::done:
                message.fd ? add(std::move(message.fd), message.text) : lost_descriptor();
        }
    }
}

void Loop::add(base::unique_fd socket, std::string_view handed_over) {
    if (!make_room()) {
        count_closed();
        return;
    }
    const auto id = ++last_id_;
    const int fd = socket.get();
    const Uses uses = options_.close_after_reply ? Uses::one : Uses::many;
    const HandedOver before = from_text(handed_over);
    const bool is_milter = before.front == Front::milter;
    auto codec = make_codec(
        before.front, {std::to_string(::getpid()) + '.' + std::to_string(id), options_.milter_adds_header});
    codec->resume(before.begun);
    Connection connection(
        std::move(socket), before.front, std::move(codec),
        std::make_shared<policy::ConnectionState>(policy::connection_state(before.remembered)),
        options_.max_waiting, is_milter ? Uses::many : uses, now_);
    if (is_milter && before.begun.empty()) counters_.milter_connections.add();
    connections_.try_emplace(id, Watched{std::move(connection), EPOLLIN});
    if (!poller_.add(fd, id, EPOLLIN)) close(id);
}

bool Loop::make_room() {
    if (connections_.size() < options_.max_connections) return true;
    once_a_minute(limit_logged_, "connection limit (" + std::to_string(connections_.size()) +
                                     ") reached: closing the connection that has been idle longest");
    return close_idlest();
}

bool Loop::close_idlest() {
    const auto* idlest = static_cast<const Connection*>(nullptr);
    ConnectionId id = 0;
    for (const auto& [candidate, watched] : connections_) {
        const auto& connection = watched.connection;
        if (connection.unanswered()) continue;
        if (idlest != nullptr && connection.last_active() >= idlest->last_active()) continue;
        idlest = &connection;
        id = candidate;
    }
    if (idlest != nullptr) close(id);
    return idlest != nullptr;
}

void Loop::lost_descriptor() {
    count_closed();
    once_a_minute(
        loss_logged_,
        "a new connection is lost, no descriptor is free: closing the connection that has been idle longest; "
        "raise the limit on open files");
    close_idlest();
}

void Loop::on_event(ConnectionId id, std::uint32_t events) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;  // closed earlier in this turn
    auto& connection = found->second.connection;
    const bool gone = (events & (EPOLLHUP | EPOLLERR)) != 0;  // the client cannot read a reply any more
    if (gone && !may_read(connection)) return close(id);
    if (may_read(connection) && !read_and_ask(id, connection)) return;
    if (gone && connection.input_ended()) return close(id);
    if (connection.wants_output() && connection.flush(now_) == Connection::Health::broken) return close(id);
    watch(id, found->second);
}

// After the order to end, only the rest of a request that has begun is read; other bytes stay in the socket.
bool Loop::may_read(const Connection& connection) const {
    if (!connection.wants_input() || queue_.full()) return false;
    return ending_ == Ending::none || connection.midway();
}

// False if this closed the connection.
bool Loop::read_and_ask(ConnectionId id, Connection& connection) {
    if (connection.read(now_) == Connection::Health::broken) {
        close(id);
        return false;
    }
    ask_what_has_come(id, connection);
    return true;
}

// True if there was a request.
bool Loop::ask_what_has_come(ConnectionId id, Connection& connection) {
    Ticket ticket = connection.next_ticket();
    auto requests = connection.take_requests();
    for (auto& request : requests) queue_.ask(id, ticket++, {std::move(request), connection.state()}, now_);
    if (const std::string_view fault = connection.take_fault(); !fault.empty())
        logger_.write_limited(
            log::Category::martians, log::warning,
            "a client of the milter socket " + std::string{fault} + ": closing its connection");
    return !requests.empty();
}

// Writes new replies, and takes requests from connections that were at their limit. True if there were any.
bool Loop::write_replies() {
    if (!queue_.full()) {
        touched_.insert(touched_.end(), held_back_.begin(), held_back_.end());
        held_back_.clear();
    }
    bool asked = false;
    for (const auto id : std::exchange(touched_, {})) {
        const auto found = connections_.find(id);
        if (found == connections_.end()) continue;
        auto& connection = found->second.connection;
        if (connection.flush(now_) == Connection::Health::broken) {
            close(id);
            continue;
        }
        asked |= ask_what_has_come(id, connection);
        watch(id, found->second);
    }
    return asked;
}

// Updates the events to watch; closes a connection that is finished.
void Loop::watch(ConnectionId id, Watched& watched) {
    auto& connection = watched.connection;
    if (connection.finished()) {
        connection.drop_unread();
        return close(id);
    }
    if (connection.wants_output())
        not_reading_.insert(id);
    else
        not_reading_.erase(id);
    if (connection.wants_input() && queue_.full()) held_back_.insert(id);
    const std::uint32_t events =
        (may_read(connection) ? EPOLLIN : 0U) | (connection.wants_output() ? EPOLLOUT : 0U);
    if (events == watched.events) return;
    watched.events = events;
    poller_.change(connection.fd(), id, events);
}

void Loop::close(ConnectionId id) {
    not_reading_.erase(id);
    held_back_.erase(id);
    connections_.erase(id);  // closing also removes it from the poller
    count_closed();
}

void Loop::count_closed() {
    --open_connections_;
    counters_.closed.add();
}

void Loop::close_those_who_do_not_read() {
    std::vector<ConnectionId> given_up;
    for (const auto id : not_reading_) {
        const auto since = connections_.at(id).connection.unread_since();
        if (since && now_ >= *since + options_.unread_limit) given_up.push_back(id);
    }
    for (const auto id : given_up) close(id);
}

void Loop::once_a_minute(Instant& last, const std::string& warning) {
    if (last != Instant{} && now_ < last + std::chrono::minutes{1}) return;
    last = now_;
    logger_.write(log::Category::system, log::warning, warning);
}

}  // namespace sqlgrey::server
