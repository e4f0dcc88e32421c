#include "sqlgrey/enrich/p0f_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <sys/socket.h>
#include <sys/un.h>

namespace sqlgrey::enrich {
namespace {

bool would_wait(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

std::string text_of(int error) {
    return std::error_code{error, std::generic_category()}.message();
}

// A Unix socket is connected at once or not at all.
base::unique_fd connected_to(const std::string& path, int& error) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        error = ENAMETOOLONG;
        return {};
    }
    std::copy(path.begin(), path.end(), address.sun_path);
    base::unique_fd made{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (made && ::connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return made;
    error = errno;
    return {};
}

}  // namespace

P0fClient::P0fClient(P0fSettings settings) : settings_(std::move(settings)) {
}

bool P0fClient::connect() {
    if (connection_) return true;
    if (Clock::now() < not_before_) return false;
    int error = 0;
    connection_ = connected_to(settings_.socket, error);
    if (!connection_) give_up("it cannot be connected to: " + text_of(error));
    return static_cast<bool>(connection_);
}

void P0fClient::ask(const net::Address& host) {
    if (asked_.size() >= settings_.most_questions || !connect()) {
        answers_.emplace_back(host, Fingerprint{});
        return;
    }
    asked_.push_back({host, Clock::now() + settings_.timeout});
    to_send_ += p0f_question(host);
    send_questions();
}

std::vector<pollfd> P0fClient::descriptors() const {
    if (!connection_) return {};
    const auto events = static_cast<short>(POLLIN | (to_send_.empty() ? 0 : POLLOUT));
    return {{connection_.get(), events, 0}};
}

base::Milliseconds P0fClient::longest_wait() const {
    if (!answers_.empty()) return base::Milliseconds{0};
    if (asked_.empty()) return base::Milliseconds{1000};
    const auto left = std::chrono::ceil<base::Milliseconds>(asked_.front().deadline - Clock::now());
    return std::max(left, base::Milliseconds{0});
}

void P0fClient::process(std::span<const pollfd> polled) {
    const int fd = connection_.get();
    const auto mine = std::ranges::find_if(
        polled, [&](const pollfd& one) { return fd >= 0 && one.fd == fd && one.revents != 0; });
    if (mine != polled.end()) {
        if (mine->revents & (POLLIN | POLLHUP | POLLERR)) read_answers();
        if (connection_) send_questions();
    }
    if (!asked_.empty() && Clock::now() >= asked_.front().deadline)
        give_up("it has not answered for " + std::to_string(settings_.timeout.count()) + " ms");
}

void P0fClient::send_questions() {
    while (!to_send_.empty()) {
        const ssize_t sent = ::send(connection_.get(), to_send_.data(), to_send_.size(), MSG_NOSIGNAL);
        if (sent < 0 && would_wait(errno)) return;
        if (sent < 0) return give_up("it takes no questions: " + text_of(errno));
        to_send_.erase(0, static_cast<std::size_t>(sent));
    }
}

// One read for each call: a peer that sends without end gets no more of our time than others.
void P0fClient::read_answers() {
    std::array<char, 64 * p0f_answer_size> bytes{};
    const ssize_t got = ::recv(connection_.get(), bytes.data(), bytes.size(), 0);
    if (got < 0 && would_wait(errno)) return;
    if (got < 0) return give_up("it cannot be read from: " + text_of(errno));
    if (got == 0) return give_up("it has closed the connection");
    received_.append(bytes.data(), static_cast<std::size_t>(got));
    take_whole_answers();
}

void P0fClient::take_whole_answers() {
    std::size_t at = 0;
    for (; received_.size() - at >= p0f_answer_size; at += p0f_answer_size) {
        if (asked_.empty()) return give_up("it has answered what was not asked");
        std::optional<Fingerprint> answer =
            p0f_answer(std::string_view{received_}.substr(at, p0f_answer_size));
        if (!answer) return give_up("what it sends is no answer of p0f 3");
        answers_.emplace_back(asked_.front().host, std::move(*answer));
        asked_.pop_front();
        if (!works_.value_or(false)) change_ = Change{};
        works_ = true;
    }
    received_.erase(0, at);
}

void P0fClient::give_up(const std::string& why) {
    connection_.reset();
    not_before_ = Clock::now() + settings_.pause;
    for (const Asked& one : asked_) answers_.emplace_back(one.host, Fingerprint{});
    asked_.clear();
    to_send_.clear();
    received_.clear();
    if (works_.value_or(true)) change_ = Change{why};
    works_ = false;
}

std::vector<std::pair<net::Address, Fingerprint>> P0fClient::take_answers() {
    return std::exchange(answers_, {});
}

}  // namespace sqlgrey::enrich
