// The minimal policy server: one thread, epoll, the reply `dunno` to every request. It parses nothing but the
// empty line that ends a request, so it shows the cost of connections, kernel and load generator alone.
//
// Takes one argument, address:port, and runs until it is killed.
#include "descriptors.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace {

using sqlgrey::base::unique_fd;

constexpr std::string_view reply = "action=dunno\n\n";

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

unique_fd listen_at(const std::string& endpoint) {
    const auto colon = endpoint.rfind(':');
    sockaddr_in at{};
    at.sin_family = AF_INET;
    if (colon == std::string::npos ||
        inet_pton(AF_INET, endpoint.substr(0, colon).c_str(), &at.sin_addr) != 1)
        throw std::invalid_argument("expected address:port, got '" + endpoint + "'");
    at.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(colon + 1))));
    unique_fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) fail("bind");
    if (listen(fd.get(), 4096) != 0) fail("listen");
    return fd;
}

class Server {
  public:
    explicit Server(unique_fd listener)
        : listener_(std::move(listener)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        watch(listener_.get());
    }

    [[noreturn]] void run() {
        for (;;) {
            epoll_event events[256];
            const int ready = epoll_wait(epoll_.get(), events, 256, -1);
            for (int i = 0; i < ready; ++i) {
                if (events[i].data.fd == listener_.get())
                    accept_one();
                else
                    answer(events[i].data.fd);
            }
        }
    }

  private:
    struct Peer {
        unique_fd fd;
        char last = 0;  // the previous byte
    };

    void watch(int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
    }

    void accept_one() {
        unique_fd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!fd) return;
        const int on = 1;
        setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(fd.get());
        const int number = fd.get();
        peers_[number] = {std::move(fd)};
    }

    void answer(int number) {
        Peer& peer = peers_[number];
        char buffer[8192];
        const ssize_t got = recv(number, buffer, sizeof buffer, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) {
            peers_.erase(number);
            return;
        }
        for (const char c : std::string_view(buffer, static_cast<std::size_t>(got))) {
            const bool ends = c == '\n' && peer.last == '\n';
            peer.last = ends ? 0 : c;
            if (ends) send(number, reply.data(), reply.size(), MSG_NOSIGNAL);
        }
    }

    unique_fd listener_;
    unique_fd epoll_;
    std::map<int, Peer> peers_;
};

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 2) throw std::invalid_argument("usage: dunno address:port");
        sqlgrey::bench::allow_many_descriptors();
        Server(listen_at(argv[1])).run();
    } catch (const std::exception& error) {
        std::cerr << "dunno: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
