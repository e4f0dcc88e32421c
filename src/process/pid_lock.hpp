// The lock on a pid file (fcntl(2)), held by the daemon and queried by --kill.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace sqlgrey::process {

// The process that holds it: a pid, or 0 if it is invisible to this process (another pid namespace); nothing
// if none does. While two hold a part each, that is the one that serves.
std::optional<pid_t> lock_holder(int fd);
// False if another process holds it or a part, or with errno, for example if the file is not open for
// writing.
bool lock(int fd);

// While a daemon is replaced, it keeps the lock of the first byte, and its successor gets that of the rest;
// so at every moment somebody holds the lock.
bool unlock_rest(int fd);
bool lock_rest(int fd);
std::optional<pid_t> rest_holder(int fd);
// True if `path` still names the file that is open as `fd`.
bool is_still(const std::string& path, int fd);
// True for a regular file that is empty or contains only a number.
bool is_pid_file(int fd);

}  // namespace sqlgrey::process
