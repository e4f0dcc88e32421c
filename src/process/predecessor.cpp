// The successor's side of --replace, until the master takes over the connection.
#include "replace_messages.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/fd_passing.hpp"
#include "sqlgrey/base/time.hpp"
#include "sqlgrey/process/pid_file.hpp"
#include "sqlgrey/process/replace.hpp"
#include "unix_name.hpp"

#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

namespace sqlgrey::process {

namespace {

using base::StartError;

constexpr base::Seconds answer_limit{10};  // the master answers within milliseconds
constexpr std::size_t most_descriptors = 256;
constexpr base::Seconds settle_limit{2};
constexpr base::Milliseconds settle_pause{20};

std::string named(pid_t pid) {
    return "the running sqlgrey (process " + std::to_string(pid) + ")";
}

constexpr const char* way_out = "; stop it with --kill, and start sqlgrey without --replace";

// A message that must come.
base::Message receive(int socket, pid_t pid, std::chrono::steady_clock::time_point end) {
    base::Message message;
    for (;;) {
        switch (base::receive(socket, message)) {
            case base::PassResult::done:
                return message;
            case base::PassResult::gone:
                throw StartError(named(pid) + " has ended, or does not want to be replaced" + way_out);
            case base::PassResult::again:
                break;
        }
        const auto left =
            std::chrono::ceil<base::Milliseconds>(end - std::chrono::steady_clock::now()).count();
        pollfd poll{socket, POLLIN, 0};
        if (left <= 0 || ::poll(&poll, 1, static_cast<int>(left)) == 0)
            throw StartError(named(pid) + " does not answer" + way_out);
    }
}

// Empty if it is now connected to that process.
std::string why_not_connected(int socket, pid_t pid, const std::string& path) {
    const auto name = unix_name(path);
    if (!name || ::connect(socket, name->address(), name->length()) != 0)
        return base::with_errno("cannot connect to " + path, name ? errno : ENAMETOOLONG);
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == pid) return "";
    return "another process listens on " + path;
}

void throw_if_refused(pid_t pid, const std::string& text) {
    if (const auto reason = replace::reason_of_refusal(text))
        throw StartError(named(pid) + " refuses to be replaced: " + *reason);
}

}  // namespace

std::optional<Predecessor> Predecessor::running(const std::string& pid_file) {
    const auto end = std::chrono::steady_clock::now() + settle_limit;
    for (;;) {
        const auto pid = running_daemon(pid_file);
        if (!pid) return std::nullopt;
        base::unique_fd socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
        const std::string why = why_not_connected(socket.get(), *pid, ReplaceSocket::path_of(pid_file));
        if (why.empty()) return Predecessor(*pid, std::move(socket));
        if (std::chrono::steady_clock::now() >= end)
            throw StartError(named(*pid) + " cannot be replaced: " + why + way_out);
        std::this_thread::sleep_for(settle_pause);
    }
}

std::vector<PassedDescriptor> Predecessor::take_over(std::string_view connection_format) {
    const auto end = std::chrono::steady_clock::now() + answer_limit;
    base::send_text(socket_.get(), replace::to_text(replace::Hello{std::string(connection_format)}));
    const base::Message first = receive(socket_.get(), pid_, end);
    throw_if_refused(pid_, first.text);
    const auto welcome = replace::welcome(first.text);
    if (!welcome) throw StartError(named(pid_) + " is of another version and cannot be replaced" + way_out);
    notify_socket_ = welcome->notify_socket;
    if (!notify_socket_.empty()) check_cgroup(welcome->cgroup);

    std::vector<PassedDescriptor> all;
    while (all.size() < most_descriptors) {
        base::Message message = receive(socket_.get(), pid_, end);
        throw_if_refused(pid_, message.text);
        if (message.with_fd && !message.fd)
            throw StartError("no descriptor is free; raise the limit on open files (ulimit -n)");
        if (!message.with_fd && message.text == replace::that_is_all) return all;
        all.push_back({std::move(message.text), std::move(message.fd)});
    }
    throw StartError(named(pid_) + " sends too many descriptors" + way_out);
}

// systemd accepts a new main process only in the cgroup of the service, and ends the service with the old
// one.
void Predecessor::check_cgroup(std::string_view its_own) const {
    if (its_own == replace::own_cgroup()) return;
    throw StartError(named(pid_) +
                     " is a service of systemd, which would not know its successor; use: systemctl restart "
                     "sqlgrey");
}

void Predecessor::ask_to_go() {
    if (!std::exchange(asked_, true)) base::send_text(socket_.get(), replace::ready);
}

}  // namespace sqlgrey::process
