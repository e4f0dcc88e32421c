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

enum class Part { whole, first_byte, rest };

struct flock request_of(short type, Part part) {
    struct flock request {};
    request.l_type = type;
    request.l_whence = SEEK_SET;
    request.l_start = part == Part::rest ? 1 : 0;
    request.l_len = part == Part::first_byte ? 1 : 0;  // 0: to the end, however long the file gets
    return request;
}

std::optional<pid_t> holder_of(int fd, Part part) {
    auto request = request_of(F_WRLCK, part);
    if (::fcntl(fd, F_GETLK, &request) != 0 || request.l_type == F_UNLCK) return std::nullopt;
    return std::max<pid_t>(request.l_pid, 0);
}

bool set(int fd, short type, Part part) {
    auto request = request_of(type, part);
    return ::fcntl(fd, F_SETLK, &request) == 0;
}

}  // namespace

std::optional<pid_t> lock_holder(int fd) {
    if (const auto serving = holder_of(fd, Part::first_byte)) return serving;
    return holder_of(fd, Part::whole);
}

std::optional<pid_t> rest_holder(int fd) {
    return holder_of(fd, Part::rest);
}

bool lock(int fd) {
    return set(fd, F_WRLCK, Part::whole);
}

bool unlock_rest(int fd) {
    return set(fd, F_UNLCK, Part::rest);
}

bool lock_rest(int fd) {
    return set(fd, F_WRLCK, Part::rest);
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
