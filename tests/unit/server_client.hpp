// A policy client for tests: sends text, reads replies, never waits forever.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

namespace test {

inline constexpr std::chrono::seconds reply_timeout{30};  // used up only by a failing test

// True as soon as the condition holds; false if it never does.
template <typename Condition>
bool eventually(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + reply_timeout;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

inline std::string request(const std::string& recipient) {
    return "request=smtpd_access_policy\nrecipient=" + recipient + "\n\n";
}

class Client {
  public:
    explicit Client(sqlgrey::base::unique_fd fd) : fd_(std::move(fd)) {}

    // False if the peer has closed.
    bool send(const std::string& text) {
        return ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    }
    void half_close() { ::shutdown(fd_.get(), SHUT_WR); }
    int fd() const { return fd_.get(); }

    // The next action; "<end>" at the end of the connection, "<none>" if nothing comes.
    std::string reply() {
        std::size_t end = 0;
        while ((end = input_.find("\n\n")) == std::string::npos) {
            if (!wait(reply_timeout)) return "<none>";
            std::array<char, 4096> bytes;
            const auto got = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
            if (got <= 0) return input_.empty() ? "<end>" : "<cut> " + input_;
            input_.append(bytes.data(), static_cast<std::size_t>(got));
        }
        const std::string line = input_.substr(0, end);
        input_.erase(0, end + 2);
        return line.rfind("action=", 0) == 0 ? line.substr(7) : "<odd> " + line;
    }
    std::vector<std::string> replies(int count) {
        std::vector<std::string> all;
        for (int i = 0; i < count; ++i) all.push_back(reply());
        return all;
    }
    // True if the peer has written or closed; reads nothing.
    bool wait(std::chrono::milliseconds limit) const {
        pollfd poll{fd_.get(), POLLIN, 0};
        return ::poll(&poll, 1, static_cast<int>(limit.count())) > 0;
    }

  private:
    sqlgrey::base::unique_fd fd_;
    std::string input_;
};

}  // namespace test
