// fork(2), in the parent and in the child.
#include "child.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/fd_passing.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "sqlgrey/process/title.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace sqlgrey::process {

namespace {

constexpr rlim_t enough_descriptors = 16384;

// The usual soft limit of 1024 is less than a worker's connections need.
void allow_many_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, enough_descriptors));
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

// `ready` has its own copy of the descriptor, because the task may pass the channel on.
std::function<void()> ready_message(int channel) {
    auto copy = std::make_shared<base::unique_fd>(::fcntl(channel, F_DUPFD_CLOEXEC, 0));
    return [copy = std::move(copy)] { base::send_text(copy->get(), "ready"); };
}

std::string title_of(const Role& role, std::size_t slot) {
    const std::string title = "sqlgrey: " + role.name;
    return role.takes_connections ? title + ' ' + std::to_string(slot + 1) : title;
}

// noexcept: the child has a copy of the master's stack, and no exception may unwind into it.
int run(const Role& role, ChildContext& child, const log::Logger& logger) noexcept {
    try {
        set_title(title_of(role, child.slot));
        if (!role.may_gain_privileges) forbid_new_privileges();
        child.ready = ready_message(child.channel.get());
        return role.run(child);
    } catch (const std::exception& error) {
        log_child_failure(error, logger);
        return 1;
    }
}

}  // namespace

void log_child_failure(const std::exception& error, const log::Logger& logger) noexcept {
    try {
        logger.write(log::Category::system, log::error,
                     "process " + std::to_string(::getpid()) + " cannot go on: " + base::reason_of(error));
    } catch (const std::exception&) {
        // No memory even for the log line. The master logs that the child has ended.
    }
}

bool ChildContext::pause(base::Milliseconds time) const {
    pollfd ends[] = {{stop, POLLIN, 0}, {channel.get(), POLLIN, 0}};
    return ::poll(ends, 2, static_cast<int>(time.count())) == 0;
}

Spawned spawn(const Role& role, ChildContext child, const LeaveMaster& leave_master,
              const log::Logger& logger) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return {};
    base::unique_fd masters{ends[0]};
    base::unique_fd childs{ends[1]};
    const pid_t master = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
        const int error = errno;
        masters.reset();
        childs.reset();
        errno = error;
        return {};
    }
    if (pid > 0) return {pid, std::move(masters)};

    masters.reset();
    const auto stop = leave_master();
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != master) ::_exit(0);  // the master died before prctl(2)
    allow_many_descriptors();
    child.channel = std::move(childs);
    child.stop = stop.get();
    const int status = run(role, child, logger);
    log::finish();
    ::_exit(status);
}

}  // namespace sqlgrey::process
