// --kill: finds the daemon by its lock, tells it to end, and waits.
#include "pid_lock.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/process/pid_file.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>

namespace sqlgrey::process {

namespace {

constexpr base::Milliseconds look_again{20};

// Finding the holder needs a readable file; removing it safely needs a writable one.
base::unique_fd open_existing(const std::string& path) {
    constexpr int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    base::unique_fd fd{::open(path.c_str(), O_RDWR | flags)};
    if (!fd && errno != ENOENT) fd.reset(::open(path.c_str(), O_RDONLY | flags));
    return fd;
}

// Under a lock of this process, so that a daemon that is just starting does not lose its file. False if it
// cannot be removed.
bool remove_unheld(const std::string& path, int fd) {
    return lock(fd) && is_still(path, fd) && ::unlink(path.c_str()) == 0;
}

bool gone_before(std::chrono::steady_clock::time_point end, int fd, pid_t holder) {
    while (lock_holder(fd) == holder) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(look_again);
    }
    return true;
}

KillResult end(int fd, pid_t holder, base::Seconds timeout) {
    const auto daemon = "sqlgrey (process " + std::to_string(holder) + ")";
    // ESRCH: it has just ended by itself.
    if (::kill(holder, SIGTERM) != 0 && errno != ESRCH)
        return {false, base::with_errno("cannot stop " + daemon, errno)};
    if (!gone_before(std::chrono::steady_clock::now() + timeout, fd, holder))
        return {false, daemon + " has been told to stop and is not gone after " +
                           std::to_string(timeout.count()) + " seconds"};
    return {true, daemon + " has stopped"};
}

// Also ends a successor that is just replacing the daemon, but none that starts afterwards.
KillResult end_both(int fd, pid_t holder, base::Seconds timeout) {
    const auto successor = rest_holder(fd);
    KillResult result = end(fd, holder, timeout);
    if (result.ok && successor && successor != holder && lock_holder(fd) == successor)
        result = end(fd, *successor, timeout);
    return result;
}

}  // namespace

KillResult kill_daemon(const std::string& path, base::Seconds timeout) {
    const auto fd = open_existing(path);
    if (!fd && errno == ENOENT) return {false, "sqlgrey is not running: there is no pid file " + path};
    if (!fd) return {false, base::with_errno("cannot read the pid file " + path, errno)};
    if (!is_pid_file(fd.get())) return {false, path + " is not a pid file; it is left alone"};

    const auto holder = lock_holder(fd.get());
    if (!holder) {
        const bool removed = remove_unheld(path, fd.get());
        return {false, "sqlgrey is not running: no process holds the pid file " + path +
                           (removed ? "; the stale file has been removed" : "")};
    }
    if (*holder == 0)
        return {false,
                "sqlgrey is running where this command cannot reach it (another container?): stop it there"};
    const KillResult result = end_both(fd.get(), *holder, timeout);
    if (result.ok) remove_unheld(path, fd.get());
    return result;
}

}  // namespace sqlgrey::process
