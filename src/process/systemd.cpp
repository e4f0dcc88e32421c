// The protocol of sd_notify(3): one datagram to the socket that systemd names.
#include "sqlgrey/process/daemon.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string_view>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

namespace sqlgrey::process {

void notify_systemd(const std::string& state) {
    const char* value = std::getenv("NOTIFY_SOCKET");
    const std::string_view path = value == nullptr ? "" : value;
    sockaddr_un name{};
    if (path.empty() || path.size() >= sizeof name.sun_path) return;
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, path.size());
    if (name.sun_path[0] == '@') name.sun_path[0] = '\0';  // an abstract socket; its length ends the name
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    const base::unique_fd fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (!fd) return;
    const timeval timeout{2, 0};  // systemd may be busy, and without READY=1 the start fails
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    ::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&name),
             length);
}

}  // namespace sqlgrey::process
