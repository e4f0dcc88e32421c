// The lock on a pid file (fcntl(2)), shared by the daemon that holds it and --kill that asks for it.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace sqlgrey::process {

// The process that holds it: a pid, or 0 if this process cannot see it (another pid namespace); nothing if
// none does.
std::optional<pid_t> lock_holder(int fd);
// False if another process holds it, or for the reason in errno: the file is not open for writing.
bool lock(int fd);
// True if `path` still names the file that is open as `fd`.
bool is_still(const std::string& path, int fd);
// True if it is a regular file that is empty or holds nothing but one number.
bool is_pid_file(int fd);

}  // namespace sqlgrey::process
