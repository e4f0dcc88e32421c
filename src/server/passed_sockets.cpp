#include "sqlgrey/server/passed_sockets.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/log/logger.hpp"

#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace sqlgrey::server {
namespace {

const sockaddr* plain(const sockaddr_storage& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}
const sockaddr_in& ipv4(const sockaddr* address) {
    return *reinterpret_cast<const sockaddr_in*>(address);
}
const sockaddr_in6& ipv6(const sockaddr* address) {
    return *reinterpret_cast<const sockaddr_in6*>(address);
}
std::string path(const sockaddr* address) {
    return reinterpret_cast<const sockaddr_un*>(address)->sun_path;
}

// -1 for a Unix socket.
int port(const sockaddr* address) {
    if (address->sa_family == AF_INET) return ntohs(ipv4(address).sin_port);
    if (address->sa_family == AF_INET6) return ntohs(ipv6(address).sin6_port);
    return -1;
}

bool is_wildcard(const sockaddr* address) {
    if (address->sa_family == AF_INET) return ipv4(address).sin_addr.s_addr == htonl(INADDR_ANY);
    return address->sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&ipv6(address).sin6_addr) != 0;
}

bool same_file(const std::string& one, const std::string& other) {
    struct stat first {
    }, second{};
    return ::stat(one.c_str(), &first) == 0 && ::stat(other.c_str(), &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

// Ports are not compared. A path may lead through a link, such as /var/run.
bool same_host(const sockaddr* one, const sockaddr* other) {
    if (one->sa_family != other->sa_family) return false;
    if (one->sa_family == AF_INET) return ipv4(one).sin_addr.s_addr == ipv4(other).sin_addr.s_addr;
    if (one->sa_family == AF_INET6)
        return IN6_ARE_ADDR_EQUAL(&ipv6(one).sin6_addr, &ipv6(other).sin6_addr) != 0;
    return path(one) == path(other) || same_file(path(one), path(other));
}

std::string text_of(const sockaddr* address, socklen_t length) {
    std::array<char, INET6_ADDRSTRLEN> host{};
    if (address->sa_family == AF_INET) {
        ::inet_ntop(AF_INET, &ipv4(address).sin_addr, host.data(), host.size());
        return std::string{host.data()} + ":" + std::to_string(port(address));
    }
    if (address->sa_family == AF_INET6) {
        ::inet_ntop(AF_INET6, &ipv6(address).sin6_addr, host.data(), host.size());
        return std::string{"["} + host.data() + "]:" + std::to_string(port(address));
    }
    // The name of an abstract socket begins with a NUL and has no other end than its length.
    std::string name(reinterpret_cast<const sockaddr_un*>(address)->sun_path,
                     length > offsetof(sockaddr_un, sun_path) ? length - offsetof(sockaddr_un, sun_path) : 0);
    if (name.starts_with('\0')) return log::escape("@" + name.substr(1));
    return log::escape(name.substr(0, name.find('\0')));
}

int option(int fd, int level, int name) {
    int value = 0;
    socklen_t length = sizeof value;
    return ::getsockopt(fd, level, name, &value, &length) == 0 ? value : -1;
}

// What is wrong with it, and the setting of the socket unit; empty if nothing.
std::string fault(int fd) {
    const int type = option(fd, SOL_SOCKET, SO_TYPE);
    const int family = option(fd, SOL_SOCKET, SO_DOMAIN);
    if (type < 0) return "is not a socket; a socket unit may contain only ListenStream=";
    if (type != SOCK_STREAM) return "is not a stream socket; write ListenStream= in the socket unit";
    if (family != AF_INET && family != AF_INET6 && family != AF_UNIX)
        return "belongs to address family " + std::to_string(family) +
               "; write ListenStream= with an IP address or a path in the socket unit";
    if (option(fd, SOL_SOCKET, SO_ACCEPTCONN) != 1)
        return "does not listen; the socket unit must not contain Accept=yes";
    return "";
}

}  // namespace

void PassedSockets::add(const std::string& name, base::unique_fd fd) {
    const std::string wrong = fault(fd.get());
    if (!wrong.empty())
        throw base::StartError("descriptor " + std::to_string(fd.get()) + " (" + log::escape(name) +
                               "), which the daemon was started with, " + wrong);
    Socket socket{std::move(fd), {}, "", false, false, Front::policy};
    socklen_t length = sizeof socket.address;
    ::getsockname(socket.fd.get(), reinterpret_cast<sockaddr*>(&socket.address), &length);
    socket.text = text_of(plain(socket.address), length);
    socket.also_ipv4 = socket.address.ss_family == AF_INET6 && is_wildcard(plain(socket.address)) &&
                       option(socket.fd.get(), IPPROTO_IPV6, IPV6_V6ONLY) == 0;
    ::fcntl(socket.fd.get(), F_SETFL, ::fcntl(socket.fd.get(), F_GETFL) | O_NONBLOCK);
    sockets_.push_back(std::move(socket));
}

bool PassedSockets::serve(const sockaddr* address, Front front) {
    bool served = false;
    for (Socket& socket : sockets_) {
        const sockaddr* own = plain(socket.address);
        if (port(own) != port(address)) continue;
        const bool any = is_wildcard(own) && own->sa_family == address->sa_family;
        const bool any_ipv4 = socket.also_ipv4 && address->sa_family == AF_INET;
        if (!any && !any_ipv4 && !same_host(own, address)) continue;
        socket.asked_for = served = true;
        socket.front = front;
    }
    return served;
}

bool PassedSockets::serve_part_of(const sockaddr* address, Front front) {
    bool served = false;
    for (Socket& socket : sockets_) {
        const sockaddr* own = plain(socket.address);
        if (!is_wildcard(address) || own->sa_family != address->sa_family || port(own) != port(address))
            continue;
        socket.asked_for = served = true;
        socket.front = front;
    }
    return served;
}

std::string PassedSockets::addresses() const {
    std::string text;
    for (const Socket& socket : sockets_) text += (text.empty() ? "" : ", ") + socket.text;
    return text;
}

std::vector<std::string> PassedSockets::not_asked_for() const {
    std::vector<std::string> texts;
    for (const Socket& socket : sockets_)
        if (!socket.asked_for) texts.push_back(socket.text);
    return texts;
}

std::vector<Front> PassedSockets::fronts() const {
    std::vector<Front> all;
    for (const Socket& socket : sockets_) all.push_back(socket.front);
    return all;
}

std::vector<base::unique_fd> PassedSockets::release() {
    std::vector<base::unique_fd> all;
    for (Socket& socket : sockets_) all.push_back(std::move(socket.fd));
    sockets_.clear();
    return all;
}

}  // namespace sqlgrey::server
