// SCM_RIGHTS, at most one descriptor a message. Before the text stands one byte that says whether there is
// one, for a descriptor may be lost and a message must not be empty (recvmsg(2) gives 0 for the end as well).
#include "sqlgrey/base/fd_passing.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/uio.h>

namespace sqlgrey::base {

namespace {

constexpr char mark_of_fd = 'd';
constexpr char mark_of_text = 't';

// One message with room for one descriptor. msghdr points into it, so it stays where it is.
struct Envelope {
    char mark;
    std::array<iovec, 2> parts;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};

    Envelope(char which, char* text, std::size_t size) : mark(which), parts{{{&mark, 1}, {text, size}}} {
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
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

Passed send(int channel, const Envelope& envelope) {
    while (::sendmsg(channel, &envelope.message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
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

// sendmsg(2) only reads it.
Envelope sealed(char mark, std::string_view text) {
    return {mark, const_cast<char*>(text.data()), text.size()};
}

}  // namespace

Passed send_fd(int channel, int fd, std::string_view text) {
    if (text.size() > longest_text) return Passed::gone;
    Envelope envelope = sealed(mark_of_fd, text);
    enclose(envelope, fd);
    return send(channel, envelope);
}

Passed send_text(int channel, std::string_view text) {
    if (text.size() > longest_text) return Passed::gone;
    Envelope envelope = sealed(mark_of_text, text);
    envelope.message.msg_controllen = 0;
    return send(channel, envelope);
}

Passed receive(int channel, Message& message) {
    std::string text(longest_text, '\0');
    Envelope envelope(0, text.data(), text.size());
    ssize_t got = 0;
    do got = ::recvmsg(channel, &envelope.message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    // ECONNRESET: the other side left without reading all; what it has sent comes after.
    while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got < 0) return errno == EAGAIN || errno == ENOMEM ? Passed::again : Passed::gone;
    if (got == 0) return Passed::gone;
    text.resize(static_cast<std::size_t>(got) - 1);
    message = {envelope.mark == mark_of_fd, enclosed(envelope), std::move(text)};
    return Passed::yes;
}

}  // namespace sqlgrey::base
