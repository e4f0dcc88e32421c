// The standard descriptors, and --daemonize. A pipe carries a status byte from the child to the parent: "r"
// for ready, "f" and a message for failure; it ends without one if the child died.
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/file.hpp"
#include "sqlgrey/process/daemon.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

namespace sqlgrey::process {

namespace {

constexpr int look_after_child_ms = 100;

// Reads what the child reports, until the end of the pipe or of the child: children of its own may keep the
// pipe open after it has died.
std::string listen(int status_pipe, pid_t child) {
    std::string said;
    std::array<char, 512> bytes;
    for (bool gone = false; said != "r";) {
        pollfd poll{status_pipe, POLLIN, 0};
        const int ready = ::poll(&poll, 1, gone ? 0 : look_after_child_ms);
        if (ready > 0) {
            const auto got = ::read(status_pipe, bytes.data(), bytes.size());
            if (got <= 0) break;
            said.append(bytes.data(), static_cast<std::size_t>(got));
        } else if (gone) {
            break;
        } else {
            gone = ::waitpid(child, nullptr, WNOHANG) == child;
        }
    }
    return said;
}

[[noreturn]] void leave_with(const std::string& said) {
    if (said == "r") ::_exit(0);
    const auto message = said.size() > 1 ? said.substr(1) : std::string("sqlgrey ended before it was ready");
    base::write_all(STDERR_FILENO, message + "\n");
    ::_exit(1);
}

// At once, not when everything is ready: the workers are forked earlier, and whoever reads the other end of
// the terminal would wait for the last of them.
void let_go_of_terminal() {
    const base::unique_fd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    if (!null) throw base::StartError(base::with_errno("/dev/null", errno));
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null.get(), standard);
}

}  // namespace

bool open_standard_descriptors() {
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        const bool is_open = ::fcntl(standard, F_GETFD) >= 0;
        // open(2) returns the lowest free descriptor, which is this one.
        if (!is_open && ::open("/dev/null", O_RDWR) != standard) return false;
    }
    return true;
}

Detached Detached::now() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw base::StartError(base::with_errno("cannot detach", errno));
    base::unique_fd parents{ends[0]};
    base::unique_fd childs{ends[1]};
    const pid_t child = ::fork();
    if (child < 0) throw base::StartError(base::with_errno("cannot detach", errno));
    if (child > 0) {
        childs.reset();
        leave_with(listen(parents.get(), child));
    }
    ::setsid();
    if (::chdir("/") != 0) throw base::StartError(base::with_errno("cannot change to /", errno));
    let_go_of_terminal();
    Detached detached;
    detached.status_pipe_ = std::move(childs);
    return detached;
}

void Detached::report_ready() {
    if (!status_pipe_) return;
    base::write_all(status_pipe_.get(), "r");
    status_pipe_.reset();
}

void Detached::report_failure(const std::string& message) {
    if (!status_pipe_) return;
    base::write_all(status_pipe_.get(), "f" + message);
    status_pipe_.reset();
}

}  // namespace sqlgrey::process
