// Reads, cuts into requests, keeps replies in order, writes. Never blocks.
#include "connection.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace sqlgrey::server {

namespace {

constexpr std::size_t read_size = 16384;
constexpr std::size_t output_limit = 65536;
constexpr std::size_t drop_limit = 1 << 20;

// Both calls fail on a Unix socket, without harm. Keep-alive finds clients whose machine is gone; a limit on
// idle time cannot, because Postfix keeps idle connections on purpose.
void tune(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

bool only_for_now(int error) {
    return error == EAGAIN || error == EINTR || error == ENOBUFS;
}

}  // namespace

Connection::Connection(base::unique_fd socket, Front front, std::unique_ptr<Codec> codec,
                       std::shared_ptr<policy::ConnectionState> state, std::size_t max_waiting, Uses uses,
                       Instant now)
    : socket_(std::move(socket)),
      front_(front),
      codec_(std::move(codec)),
      state_(std::move(state)),
      max_waiting_(max_waiting),
      uses_(uses),
      arrived_(now),
      last_active_(now) {
    tune(socket_.get());
    state_->never_sleeps = front == Front::milter;  // the MTA has no word for it
}

bool Connection::wants_input() const {
    return !input_ended_ && input_.empty() && replies_.size() < max_waiting_ && output_.size() < output_limit;
}

Connection::Health Connection::read(Instant now) {
    std::array<char, read_size> bytes;  // not initialised: recv writes what is used
    const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0) return only_for_now(errno) ? Health::good : Health::broken;
    if (got == 0) input_ended_ = true;
    input_.assign(bytes.data(), static_cast<std::size_t>(got));
    last_active_ = now;
    return Health::good;
}

// No more than max_waiting allows: one read may contain thousands of tiny requests.
std::vector<policy::Request> Connection::take_requests() {
    std::vector<policy::Request> complete;
    const std::size_t room = used_up() ? 0 : (uses_ == Uses::one ? 1 : max_waiting_ - replies_.size());
    input_.erase(0, codec_->read(input_, room, complete, output_));
    replies_.resize(replies_.size() + complete.size());
    if (codec_->ended()) input_ended_ = true;
    if (used_up() || codec_->ended()) input_.clear();
    return complete;
}

std::string_view Connection::take_fault() {
    const std::string_view fault = codec_->fault();
    if (fault.empty() || std::exchange(told_fault_, true)) return {};
    return fault;
}

void Connection::answer(Ticket ticket, const policy::Reply& reply) {
    replies_.at(ticket - first_unanswered_) = reply;
    for (; !replies_.empty() && replies_.front(); replies_.pop_front(), ++first_unanswered_)
        codec_->write(*replies_.front(), output_);
}

Connection::Health Connection::flush(Instant now) {
    std::size_t sent = 0;
    while (sent < output_.size()) {
        const ssize_t taken =
            ::send(socket_.get(), output_.data() + sent, output_.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken < 0 && !only_for_now(errno)) return Health::broken;
        if (taken <= 0) break;
        sent += static_cast<std::size_t>(taken);
    }
    output_.erase(0, sent);
    if (sent > 0) last_active_ = now;
    if (output_.empty())
        unread_since_.reset();
    else if (sent > 0 || !unread_since_)
        unread_since_ = now;
    return Health::good;
}

void Connection::drop_unread() {
    std::array<char, read_size> bytes;
    for (std::size_t dropped = 0; dropped < drop_limit;) {
        const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got <= 0) return;
        dropped += static_cast<std::size_t>(got);
    }
}

}  // namespace sqlgrey::server
