#include "listening.hpp"

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/policy/attempt.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace sqlgrey::ctl {
namespace {

constexpr int timeout_ms = 2000;

bool becomes_ready(int fd, short events) {
    pollfd poll{fd, events, 0};
    return ::poll(&poll, 1, timeout_ms) == 1;
}

// Empty if it fails or takes longer than timeout_ms.
base::unique_fd connection_to(int family, const sockaddr* address, socklen_t length) {
    base::unique_fd fd{::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!fd) return {};
    if (::connect(fd.get(), address, length) == 0) return fd;
    if (errno != EINPROGRESS || !becomes_ready(fd.get(), POLLOUT)) return {};
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return {};
    return fd;
}

// `endpoint` as returned by read_endpoints(): "2501", "host:2501", "[2001:db8::1]:2501".
base::unique_fd inet_connection(const std::string& endpoint) {
    const std::size_t colon = endpoint.rfind(':');
    std::string host = colon == std::string::npos ? "localhost" : endpoint.substr(0, colon);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    const std::string port = colon == std::string::npos ? endpoint : endpoint.substr(colon + 1);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return {};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, ::freeaddrinfo);
    for (const addrinfo* one = found; one; one = one->ai_next)
        if (auto fd = connection_to(one->ai_family, one->ai_addr, one->ai_addrlen)) return fd;
    return {};
}

base::unique_fd unix_connection(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return {};
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return connection_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

base::unique_fd milter_connection(std::string_view milter) {
    const std::string place{milter.substr(milter.find(':') + 1)};
    return milter.starts_with("unix:") ? unix_connection(place) : inet_connection(place);
}

// Sends the request, and reads until the reply is complete.
bool is_answered(int fd, std::string_view request, bool (*is_reply)(std::string_view)) {
    if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
        return false;
    std::array<char, 64> reply{};
    std::size_t got = 0;
    while (got < reply.size() && becomes_ready(fd, POLLIN)) {
        const ssize_t more = ::recv(fd, reply.data() + got, reply.size() - got, 0);
        if (more <= 0) return false;
        got += static_cast<std::size_t>(more);
        if (is_reply({reply.data(), got})) return true;
    }
    return false;
}

// A worker answers policy::check_request, which is not a policy request, without lists and database.
bool answers_policy(int fd) {
    return is_answered(
        fd, "request=" + std::string{policy::check_request} + "\n\n",
        [](std::string_view text) { return text.starts_with("action=") && text.ends_with("\n\n"); });
}

// A negotiation, version 6 without any right, is answered by one.
bool answers_milter(int fd) {
    constexpr std::string_view negotiation{"\0\0\0\x0dO\0\0\0\x06\0\0\0\0\0\0\0\0", 17};
    return is_answered(fd, negotiation,
                       [](std::string_view packet) { return packet.size() >= 17 && packet[4] == 'O'; });
}

}  // namespace

std::string listening_at(const config::Settings& settings) {
    for (const std::string& endpoint : settings.inet)
        if (inet_connection(endpoint)) return endpoint;
    return unix_connection(settings.unix_path) ? settings.unix_path : "";
}

std::vector<std::string> silent_endpoints(const config::Settings& settings) {
    std::vector<std::string> silent;
    const auto ask = [&](const base::unique_fd& fd, const std::string& endpoint) {
        if (!fd || !answers_policy(fd.get())) silent.push_back(endpoint);
    };
    for (const std::string& endpoint : settings.inet) ask(inet_connection(endpoint), endpoint);
    if (!settings.unix_path.empty()) ask(unix_connection(settings.unix_path), settings.unix_path);
    for (const std::string& milter : settings.milter) {
        const base::unique_fd fd = milter_connection(milter);
        if (!fd || !answers_milter(fd.get())) silent.push_back(milter);
    }
    return silent;
}

}  // namespace sqlgrey::ctl
