// Addresses to listening sockets; every failure is a sentence for the admin.
#include "sqlgrey/server/listener.hpp"

#include "sqlgrey/base/error.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <iterator>
#include <memory>
#include <set>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace sqlgrey::server {

namespace {

using base::StartError;
using base::unique_fd;

constexpr int backlog = 1024;
constexpr int socket_type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

[[noreturn]] void fail(const std::string& address, const std::string& why) {
    throw StartError("cannot listen on " + address + ": " + why);
}

struct Place {
    std::string host, port;
};

bool is_port(const std::string& text) {
    unsigned number = 0;
    const auto end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    return result.ec == std::errc{} && result.ptr == end && number <= 65535;
}

Place parse(const std::string& address) {
    const auto colon = address.rfind(':');
    Place place{"localhost", address};
    if (colon != std::string::npos) place = {address.substr(0, colon), address.substr(colon + 1)};
    if (!is_port(place.port))
        fail(address, "the port is not a number from 0 to 65535; write port, host:port or [ipv6]:port");
    auto& host = place.host;
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (host.empty())
        fail(address, "there is no host before the colon; write * for every address of this machine");
    if (!bracketed && host.find(':') != std::string::npos)
        fail(address, "an IPv6 address goes in brackets: [ipv6]:port");
    return place;
}

// localhost is not looked up: whatever /etc/hosts says, 127.0.0.1 is where Postfix asks.
std::vector<std::string> hosts(const std::string& host) {
    if (host == "localhost") return {"127.0.0.1", "::1"};
    if (host == "*") return {"0.0.0.0", "::"};
    return {host};
}

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

AddressList resolve(const std::string& address, const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
    if (error != 0) fail(address, std::string("cannot find the host: ") + ::gai_strerror(error));
    return {found, &::freeaddrinfo};
}

// Nothing, with errno, if it cannot.
unique_fd listen_on(int family, const sockaddr* name, socklen_t length) {
    unique_fd fd{::socket(family, socket_type, 0)};
    if (!fd) return fd;
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (::bind(fd.get(), name, length) == 0 && ::listen(fd.get(), backlog) == 0) return fd;
    const int why = errno;
    fd.reset();
    errno = why;
    return fd;
}

std::string advice(int error) {
    switch (error) {
        case EADDRINUSE:
            return "; another program listens there: stop it (another sqlgrey?) or choose another port";
        case EACCES:
            return "; only root may use ports below 1024";
        case EADDRNOTAVAIL:
            return "; this machine does not have that address";
        default:
            return "";
    }
}

// ::1 on a machine without IPv6; another address of the same name will do.
bool absent_ipv6(int family, int error) {
    return family == AF_INET6 && (error == EADDRNOTAVAIL || error == EAFNOSUPPORT);
}

void open_inet(const std::string& address, std::vector<unique_fd>& listeners) {
    const Place place = parse(address);
    std::set<std::string> bound;  // a hosts file may name an address twice
    int absent = 0;
    for (const auto& host : hosts(place.host)) {
        const auto addresses = resolve(address, host, place.port);
        for (const auto* each = addresses.get(); each != nullptr; each = each->ai_next) {
            if (!bound.emplace(reinterpret_cast<const char*>(each->ai_addr), each->ai_addrlen).second)
                continue;
            auto fd = listen_on(each->ai_family, each->ai_addr, each->ai_addrlen);
            if (!fd && !absent_ipv6(each->ai_family, errno))
                fail(address, std::strerror(errno) + advice(errno));
            if (!fd) absent = errno;
            if (fd) listeners.push_back(std::move(fd));
        }
    }
    if (listeners.empty()) fail(address, std::strerror(absent) + advice(absent));
}

// A socket file stays when its daemon dies; only a connect tells whether it lives.
void clear_the_way(const std::string& path, const sockaddr_un& name) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return;  // bind says what is wrong, if anything is
    if (!S_ISSOCK(status.st_mode))
        fail(path, "there is a file that is not a socket; remove it or choose another path");
    const unique_fd probe{::socket(AF_UNIX, socket_type, 0)};
    const bool dead = ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 &&
                      errno == ECONNREFUSED;
    if (!dead) fail(path, "another program listens there; stop it (another sqlgrey?) or choose another path");
    if (::unlink(path.c_str()) != 0) fail(path, base::with_errno("cannot remove the old socket", errno));
}

unique_fd open_unix(const std::string& path, unsigned mode) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path.size() >= sizeof name.sun_path)
        fail(path, "the path is longer than " + std::to_string(sizeof name.sun_path - 1) + " bytes");
    path.copy(name.sun_path, path.size());
    clear_the_way(path, name);
    unique_fd fd{::socket(AF_UNIX, socket_type, 0)};
    if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
        fail(path, std::strerror(errno) + std::string("; the directory must exist and be writable"));
    // Nobody can connect before listen(), so nobody meets the wrong mode.
    if (::chmod(path.c_str(), mode) != 0) fail(path, base::with_errno("cannot set its mode", errno));
    if (::listen(fd.get(), backlog) != 0) fail(path, std::strerror(errno));
    return fd;
}

}  // namespace

std::vector<unique_fd> open_listeners(const std::vector<std::string>& inet, const std::string& unix_path,
                                      unsigned unix_mode) {
    std::vector<unique_fd> listeners;
    for (const auto& address : inet) {
        std::vector<unique_fd> some;
        open_inet(address, some);
        std::move(some.begin(), some.end(), std::back_inserter(listeners));
    }
    if (!unix_path.empty()) listeners.push_back(open_unix(unix_path, unix_mode));
    return listeners;
}

}  // namespace sqlgrey::server
