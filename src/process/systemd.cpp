// The protocols of sd_listen_fds(3): descriptors from number 3 on, announced in the environment; and of
// sd_notify(3): datagrams to the socket that systemd names. Twenty lines each, so libsystemd is not needed.
#include "notify_socket.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/process/daemon.hpp"

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace sqlgrey::process {
namespace {

constexpr int first_passed = 3;  // SD_LISTEN_FDS_START

// The variable, which is removed: it must not reach the programs that the daemon starts.
std::optional<std::string> take_variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr) return {};
    std::string text{value};
    ::unsetenv(name);
    return text;
}

std::optional<int> number(const std::string& text) {
    int value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || value < 0) return {};
    return value;
}

// Removes the first of the names, which have colons between them, and returns it.
std::string next_name(std::string_view& names) {
    const std::size_t colon = names.find(':');
    const std::string_view name = names.substr(0, colon);
    names.remove_prefix(colon == std::string_view::npos ? names.size() : colon + 1);
    return name.empty() ? "unknown" : std::string{name};
}

}  // namespace

std::vector<PassedDescriptor> take_passed_descriptors() {
    const auto pid = take_variable("LISTEN_PID");
    const auto count = take_variable("LISTEN_FDS");
    const auto names = take_variable("LISTEN_FDNAMES");
    if (!pid || !count || number(*pid) != ::getpid()) return {};
    const auto announced = number(*count);
    if (!announced)
        throw base::StartError("LISTEN_FDS = \"" + log::escape(*count) +
                               "\" is not a number of descriptors; systemd sets it for a socket unit");

    std::vector<PassedDescriptor> passed;
    std::string_view rest = names ? *names : std::string_view{};
    for (int i = 0; i < *announced; ++i) {
        const int fd = first_passed + i;
        const int flags = ::fcntl(fd, F_GETFD);
        if (flags < 0)
            throw base::StartError("LISTEN_FDS announces " + *count + " descriptors, but " +
                                   std::to_string(fd) + " is not open; start the daemon without LISTEN_FDS");
        passed.push_back({next_name(rest), base::unique_fd{fd}});
        ::fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    }
    return passed;
}

void notify_systemd(const std::string& state) {
    constexpr base::Seconds timeout{2};  // without READY=1 the start fails
    if (const base::unique_fd socket = connect_to_systemd(timeout)) tell_systemd(socket.get(), state);
}

}  // namespace sqlgrey::process
