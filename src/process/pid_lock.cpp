// Wrappers of fcntl(2) and stat(2).
#include "pid_lock.hpp"

#include "sqlgrey/base/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::process {

namespace {

struct flock whole_file() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

}  // namespace

std::optional<pid_t> lock_holder(int fd) {
    auto lock = whole_file();
    if (::fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
    return std::max<pid_t>(lock.l_pid, 0);
}

bool lock(int fd) {
    auto lock = whole_file();
    return ::fcntl(fd, F_SETLK, &lock) == 0;
}

bool is_still(const std::string& path, int fd) {
    struct stat named {};
    struct stat open {};
    return ::lstat(path.c_str(), &named) == 0 && ::fstat(fd, &open) == 0 && named.st_dev == open.st_dev &&
           named.st_ino == open.st_ino;
}

bool is_pid_file(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return false;
    std::array<char, 32> text;
    const auto length = ::pread(fd, text.data(), text.size(), 0);
    if (length < 0 || length == static_cast<ssize_t>(text.size())) return false;
    return std::all_of(text.data(), text.data() + length,
                       [](char c) { return base::is_digit(c) || c == '\n' || c == ' '; });
}

}  // namespace sqlgrey::process
