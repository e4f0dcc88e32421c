// accept4(2) until no connection waits, no child can take one, or 64 were accepted in this turn.
#include "acceptor.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/time.hpp"

#include <cerrno>
#include <utility>

#include <sys/socket.h>

namespace sqlgrey::process {

namespace {

constexpr int accepted_a_turn = 64;           // per listener
constexpr base::Milliseconds full_pause{20};  // while no child can take a connection
constexpr base::Milliseconds resource_pause{200};

}  // namespace

Acceptor::Acceptor(std::vector<Listening> listeners, std::function<void(int error)> report)
    : listeners_(std::move(listeners)), report_(std::move(report)) {
}

std::vector<int> Acceptor::to_watch(Instant now) const {
    std::vector<int> all;
    if (now < pause_end_) return all;
    for (const auto& listener : listeners_) all.push_back(listener.socket.get());
    return all;
}

std::optional<Instant> Acceptor::next_moment(Instant now) const {
    if (listeners_.empty() || now >= pause_end_) return std::nullopt;
    return pause_end_;
}

void Acceptor::take(Instant now, const Pass& pass) {
    for (const auto& listener : listeners_) {
        if (now < pause_end_) return;
        take_from(listener, now, pass);
    }
}

void Acceptor::take_from(const Listening& listener, Instant now, const Pass& pass) {
    for (int i = 0; i < accepted_a_turn; ++i) {
        if (holds_one() && !pass_in_hand(now, pass)) return;
        base::unique_fd client{
            ::accept4(listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
        if (client) {
            in_hand_ = {true, std::move(client), listener.text};
            continue;
        }
        switch (errno) {
            case EAGAIN:
                return;
            case EMFILE:
            case ENFILE:
            case ENOBUFS:
            case ENOMEM:
            case EBADF:
            case EINVAL:
                return out_of_resources(errno, now);
            default:
                break;  // only this connection failed, before it was accepted (accept(2))
        }
    }
    if (holds_one()) pass_in_hand(now, pass);
}

bool Acceptor::pass_in_hand(Instant now, const Pass& pass) {
    if (!pass(in_hand_)) {
        pause_end_ = now + full_pause;
        return false;
    }
    in_hand_ = {};
    return true;
}

void Acceptor::out_of_resources(int error, Instant now) {
    pause_end_ = now + resource_pause;
    if (failure_logged_ && now < *failure_logged_ + std::chrono::minutes{1}) return;
    failure_logged_ = now;
    report_(error);
}

void Acceptor::close() {
    listeners_.clear();
    in_hand_ = {};
}

}  // namespace sqlgrey::process
