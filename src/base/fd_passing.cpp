// SCM_RIGHTS, at most one descriptor per message. The first byte says whether there is one, because a
// descriptor may be lost on the way. It also keeps messages from being empty: recvmsg(2) returns 0 at the end
// of the stream.
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

// Buffers for one message with one descriptor. Not copyable: msghdr points into it.
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

PassResult send(int channel, const Envelope& envelope) {
    while (::sendmsg(channel, &envelope.message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        switch (errno) {
            case EINTR:
                continue;
            case EAGAIN:
            case ENOBUFS:
            case ENOMEM:
            case ETOOMANYREFS:  // too many descriptors in flight between processes
                return PassResult::again;
            default:
                return PassResult::gone;
        }
    }
    return PassResult::done;
}

// sendmsg(2) does not write to it.
Envelope sealed(char mark, std::string_view text) {
    return {mark, const_cast<char*>(text.data()), text.size()};
}

}  // namespace

PassResult send_fd(int channel, int fd, std::string_view text) {
    if (text.size() > longest_text) return PassResult::gone;
    Envelope envelope = sealed(mark_of_fd, text);
    enclose(envelope, fd);
    return send(channel, envelope);
}

PassResult send_text(int channel, std::string_view text) {
    if (text.size() > longest_text) return PassResult::gone;
    Envelope envelope = sealed(mark_of_text, text);
    envelope.message.msg_controllen = 0;
    return send(channel, envelope);
}

PassResult receive(int channel, Message& message) {
    std::string text(longest_text, '\0');
    Envelope envelope(0, text.data(), text.size());
    ssize_t got = 0;
    do got = ::recvmsg(channel, &envelope.message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    // ECONNRESET: the peer closed without reading everything; what it sent can still be read.
    while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got < 0) return errno == EAGAIN || errno == ENOMEM ? PassResult::again : PassResult::gone;
    if (got == 0) return PassResult::gone;
    text.resize(static_cast<std::size_t>(got) - 1);
    message = {envelope.mark == mark_of_fd, enclosed(envelope), std::move(text)};
    return PassResult::done;
}

}  // namespace sqlgrey::base
