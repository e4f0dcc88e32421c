#include "sqlgrey/enrich/stranger_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include <sys/socket.h>
#include <sys/time.h>

namespace sqlgrey::enrich {
namespace {

// A batch of 64 strangers whose texts are as long as Postfix's may be has about 250 kB; such ones are sent in
// parts. Usual ones have 15 kB.
constexpr std::size_t largest_datagram = 65'536;

bool send_one(int workers, std::span<const Stranger> strangers) {
    const std::string datagram = to_datagram(strangers);
    if (datagram.size() > largest_datagram && strangers.size() > 1) {
        const std::size_t half = strangers.size() / 2;
        const bool first = send_one(workers, strangers.first(half));
        return send_one(workers, strangers.subspan(half)) && first;
    }
    return ::send(workers, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

std::chrono::system_clock::time_point sent_at(msghdr& message) {
    for (cmsghdr* one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
        if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_TIMESTAMP) continue;
        timeval time{};
        std::memcpy(&time, CMSG_DATA(one), sizeof time);
        return std::chrono::system_clock::time_point{std::chrono::seconds{time.tv_sec} +
                                                     std::chrono::microseconds{time.tv_usec}};
    }
    return std::chrono::system_clock::now();
}

std::optional<Told> hear_one(int resolver, std::vector<char>& buffer) {
    iovec part{buffer.data(), buffer.size()};
    alignas(cmsghdr) std::array<char, 128> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(resolver, &message, MSG_DONTWAIT);
    if (size <= 0) return {};
    return Told{from_datagram({buffer.data(), static_cast<std::size_t>(size)}), sent_at(message)};
}

}  // namespace

StrangerSockets make_stranger_sockets() {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) != 0)
        throw std::system_error(errno, std::system_category(), "workers cannot tell of unknown clients");
    StrangerSockets sockets{base::unique_fd{pair[0]}, base::unique_fd{pair[1]}};
    const int on = 1;  // without it the time of reading counts
    ::setsockopt(sockets.resolver.get(), SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on);
    return sockets;
}

std::size_t tell(int workers, std::span<const Stranger> strangers) noexcept {
    try {
        if (strangers.empty() || send_one(workers, strangers)) return 0;
    } catch (const std::bad_alloc&) {
        // They are not told of.
    }
    return strangers.size();
}

std::vector<Told> hear(int resolver, std::size_t most) {
    static thread_local std::vector<char> buffer(2 * largest_datagram);
    std::vector<Told> told;
    while (told.size() < most) {
        std::optional<Told> one = hear_one(resolver, buffer);
        if (!one) return told;
        told.push_back(std::move(*one));
    }
    return told;
}

}  // namespace sqlgrey::enrich
