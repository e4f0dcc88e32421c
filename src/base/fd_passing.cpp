// SCM_RIGHTS, one descriptor and one byte a message.
#include "sqlgrey/base/fd_passing.hpp"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/uio.h>

namespace sqlgrey::base {

namespace {

// One message with room for one descriptor. msghdr points into it, so it stays where it is.
struct Envelope {
    char byte = 'd';
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};

    Envelope() {
        message.msg_iov = &data;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
    }
    Envelope(const Envelope&) = delete;
    Envelope& operator=(const Envelope&) = delete;
};

void enclose(Envelope& envelope, int fd) {
    cmsghdr* header = CMSG_FIRSTHDR(&envelope.message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
}

unique_fd enclosed(Envelope& envelope) {
    const cmsghdr* header = CMSG_FIRSTHDR(&envelope.message);
    if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
        header->cmsg_len != CMSG_LEN(sizeof(int)))
        return unique_fd{};
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return unique_fd{fd};
}

}  // namespace

Passed send_fd(int channel, int fd) {
    Envelope envelope;
    enclose(envelope, fd);
    while (::sendmsg(channel, &envelope.message, MSG_NOSIGNAL | MSG_DONTWAIT) != 1) {
        switch (errno) {
            case EINTR:
                continue;
            case EAGAIN:
            case ENOBUFS:
            case ENOMEM:
            case ETOOMANYREFS:  // too many descriptors under way between processes
                return Passed::again;
            default:
                return Passed::gone;
        }
    }
    return Passed::yes;
}

Passed receive_fd(int channel, unique_fd& out) {
    Envelope envelope;
    ssize_t got = 0;
    do got = ::recvmsg(channel, &envelope.message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0) return errno == EAGAIN || errno == ENOMEM ? Passed::again : Passed::gone;
    if (got == 0) return Passed::gone;
    out = enclosed(envelope);
    return Passed::yes;
}

}  // namespace sqlgrey::base
