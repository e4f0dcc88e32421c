// The lock on a pid file (fcntl(2)), held by the daemon and queried by --kill.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace sqlgrey::process {

// The process that holds it: a pid, or 0 if it is invisible to this process (another pid namespace); nothing
// if none does.
std::optional<pid_t> lock_holder(int fd);
// False if another process holds it, or with errno, for example if the file is not open for writing.
bool lock(int fd);
// True if `path` still names the file that is open as `fd`.
bool is_still(const std::string& path, int fd);
// True for a regular file that is empty or contains only a number.
bool is_pid_file(int fd);

}  // namespace sqlgrey::process
