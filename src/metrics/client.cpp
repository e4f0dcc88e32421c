#include "client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

namespace sqlgrey::metrics {
namespace {

constexpr std::size_t most_dropped = 65536;

bool would_block() {
    return errno == EAGAIN || errno == EINTR;
}

}  // namespace

short Client::events() const {
    return !response_.empty() && written_ < response_.size() ? POLLOUT : POLLIN;
}

bool Client::go_on(const Pages& pages) {
    if (is_answered_) return drop();
    if (response_.empty() && !read(pages)) return false;
    return response_.empty() || write();
}

// False if the client has closed its side or the connection is broken.
bool Client::read(const Pages& pages) {
    std::array<char, head_limit> buffer;
    const ssize_t count =
        ::recv(fd(), buffer.data(), std::min(buffer.size(), head_limit - request_.size()), MSG_DONTWAIT);
    if (count < 0) return would_block();
    if (count == 0) return false;
    request_.append(buffer.data(), static_cast<std::size_t>(count));
    if (auto response = respond(request_, pages)) response_ = std::move(*response);
    return true;
}

// Closing a TCP connection with unread bytes resets it, and the client may lose the response. So after the
// response only the sending side is shut down, and input is dropped until the client closes.
bool Client::write() {
    const ssize_t count =
        ::send(fd(), response_.data() + written_, response_.size() - written_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) return would_block();
    written_ += static_cast<std::size_t>(count);
    if (written_ < response_.size()) return true;
    is_answered_ = true;
    ::shutdown(fd(), SHUT_WR);
    return drop();
}

bool Client::drop() {
    std::array<char, head_limit> buffer;
    const ssize_t count = ::recv(fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0) return would_block();
    dropped_ += static_cast<std::size_t>(count);
    return count > 0 && dropped_ < most_dropped;
}

void Client::time_is_up() {
    if (!response_.empty()) return;
    const std::string text = timeout_response();
    (void)::send(fd(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace sqlgrey::metrics
