#include "listening.hpp"

#include "sqlgrey/base/unique_fd.hpp"

#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace sqlgrey::ctl {
namespace {

constexpr int patience_ms = 2000;

bool takes_connection(int family, const sockaddr* address, socklen_t length) {
    const base::unique_fd fd{::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!fd) return false;
    if (::connect(fd.get(), address, length) == 0) return true;
    if (errno != EINPROGRESS) return false;
    pollfd poll{fd.get(), POLLOUT, 0};
    if (::poll(&poll, 1, patience_ms) != 1) return false;
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

// As read_endpoints() gives it: "2501", "host:2501", "[2001:db8::1]:2501".
bool listens_inet(const std::string& endpoint) {
    const std::size_t colon = endpoint.rfind(':');
    std::string host = colon == std::string::npos ? "localhost" : endpoint.substr(0, colon);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    const std::string port = colon == std::string::npos ? endpoint : endpoint.substr(colon + 1);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return false;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, ::freeaddrinfo);
    for (const addrinfo* one = found; one; one = one->ai_next)
        if (takes_connection(one->ai_family, one->ai_addr, one->ai_addrlen)) return true;
    return false;
}

bool listens_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return takes_connection(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

}  // namespace

std::string listening_at(const config::Settings& settings) {
    for (const std::string& endpoint : settings.inet)
        if (listens_inet(endpoint)) return endpoint;
    return listens_unix(settings.unix_path) ? settings.unix_path : "";
}

}  // namespace sqlgrey::ctl
