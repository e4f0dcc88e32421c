#include "notify_socket.hpp"

#include "unix_name.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

namespace sqlgrey::process {

base::unique_fd connect_to_systemd(base::Seconds timeout) {
    const char* value = std::getenv("NOTIFY_SOCKET");
    const auto name = unix_name(value == nullptr ? "" : value);
    if (!name) return {};
    base::unique_fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (!socket || ::connect(socket.get(), name->address(), name->length()) != 0) return {};
    const timeval limit{timeout.count(), 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return socket;
}

bool tell_systemd(int socket, std::string_view message, int fd) {
    iovec text{const_cast<char*>(message.data()), message.size()};  // sendmsg(2) does not write to it
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
    msghdr header{};
    header.msg_iov = &text;
    header.msg_iovlen = 1;
    if (fd >= 0) {
        header.msg_control = control;
        header.msg_controllen = sizeof control;
        cmsghdr* rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof fd);
        std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    }
    ssize_t sent = 0;
    do sent = ::sendmsg(socket, &header, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

}  // namespace sqlgrey::process
