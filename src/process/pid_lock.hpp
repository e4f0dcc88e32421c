// The lock on a pid file (fcntl(2)), shared by the daemon that holds it and --kill that asks for it.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace sqlgrey::process {

// Who holds it: a pid, 0 if it is a process that this one cannot see (another pid namespace), or nobody.
std::optional<pid_t> lock_holder(int fd);
// False if somebody else holds it (or errno says otherwise: the file is not open for writing).
bool lock(int fd);
// True if `path` still names the file that is open as `fd`.
bool is_still(const std::string& path, int fd);
// True if it is a regular file that is empty or holds nothing but one number.
bool is_pid_file(int fd);

}  // namespace sqlgrey::process
