#include "sqlgrey/metrics/exporter.hpp"

#include "client.hpp"

#include <algorithm>
#include <cerrno>
#include <list>
#include <optional>
#include <system_error>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

namespace sqlgrey::metrics {
namespace {

constexpr base::Milliseconds pause_without_resources{200};
constexpr base::Milliseconds limit_at_the_end{1000};

class Exporter {
  public:
    Exporter(std::span<const base::unique_fd> listeners, std::span<const int> ends, const Pages& pages)
        : listeners_(listeners), ends_(ends), pages_(pages) {}

    void run() {
        while (!is_ending_ || !clients_.empty()) {
            wait();
            now_ = std::chrono::steady_clock::now();
            serve();
            close_overdue();
            if (!is_ending_) accept();
            if (!is_ending_ && told_to_end()) begin_to_end();
        }
    }

  private:
    // Polls, in this order: `ends`, the listening sockets, the clients. poll(2) ignores negative descriptors.
    void wait() {
        polled_.clear();
        for (const int end : ends_) polled_.push_back({is_ending_ ? -1 : end, POLLIN, 0});
        const bool accepts = !is_ending_ && (!pause_end_ || now_ >= *pause_end_);
        for (const base::unique_fd& listener : listeners_)
            polled_.push_back({accepts ? listener.get() : -1, POLLIN, 0});
        for (const Client& client : clients_) polled_.push_back({client.fd(), client.events(), 0});
        if (::poll(polled_.data(), polled_.size(), timeout()) >= 0) return;
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
        for (pollfd& each : polled_) each.revents = 0;
    }

    int timeout() const {
        std::optional<Instant> next = pause_end_;
        for (const Client& client : clients_) next = std::min(next.value_or(client.end()), client.end());
        if (!next) return -1;
        const auto left = std::chrono::ceil<base::Milliseconds>(*next - std::chrono::steady_clock::now());
        return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, client_limit.count()));
    }

    void serve() {
        auto polled = polled_.begin() + static_cast<std::ptrdiff_t>(ends_.size() + listeners_.size());
        for (auto client = clients_.begin(); client != clients_.end(); ++polled) {
            const bool stays = polled->revents == 0 || client->go_on(pages_);
            client = stays ? std::next(client) : clients_.erase(client);
        }
    }

    void close_overdue() {
        for (Client& client : clients_)
            if (client.end() <= now_) client.time_is_up();
        clients_.remove_if([this](const Client& client) { return client.end() <= now_; });
    }

    void accept() {
        pause_end_.reset();
        for (const base::unique_fd& listener : listeners_) accept_from(listener.get());
    }

    // Most clients have sent their request already and are answered at once.
    void accept_from(int listener) {
        for (std::size_t i = 0; i < most_clients; ++i) {
            base::unique_fd socket{::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
            if (!socket) {
                if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                    pause_end_ = now_ + pause_without_resources;
                return;
            }
            if (clients_.size() >= most_clients) clients_.pop_front();  // the oldest
            clients_.emplace_back(std::move(socket), now_ + client_limit);
            if (!clients_.back().go_on(pages_)) clients_.pop_back();
        }
    }

    bool told_to_end() const {
        return std::any_of(polled_.begin(), polled_.begin() + static_cast<std::ptrdiff_t>(ends_.size()),
                           [](const pollfd& end) { return end.revents != 0; });
    }

    void begin_to_end() {
        is_ending_ = true;
        pause_end_.reset();
        for (Client& client : clients_) client.end_no_later_than(now_ + limit_at_the_end);
    }

    std::span<const base::unique_fd> listeners_;
    std::span<const int> ends_;
    const Pages& pages_;
    std::list<Client> clients_;  // in the order of their arrival
    std::vector<pollfd> polled_;
    Instant now_ = std::chrono::steady_clock::now();
    std::optional<Instant> pause_end_;  // nothing is accepted until then
    bool is_ending_ = false;
};

}  // namespace

void show(std::span<const base::unique_fd> listeners, std::span<const int> ends, const Pages& pages) {
    Exporter(listeners, ends, pages).run();
}

}  // namespace sqlgrey::metrics
