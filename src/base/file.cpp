#include "sqlgrey/base/file.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <poll.h>

namespace sqlgrey::base {

namespace {

constexpr std::size_t piece = std::size_t{1} << 16;
constexpr std::size_t mebibyte = std::size_t{1} << 20;

std::string bytes(std::size_t count) {
    return count % mebibyte == 0 ? std::to_string(count / mebibyte) + " MiB"
                                 : std::to_string(count) + " bytes";
}

[[noreturn]] void fail(const std::string& path, std::size_t most) {
    if (errno == EFBIG) throw FileError(path + ": more than " + bytes(most));
    throw FileError(with_errno(path, errno));
}

// The descriptor may be non-blocking, if another program set it so.
bool can_go_on(int fd) {
    if (errno == EINTR) return true;
    pollfd room{fd, POLLOUT, 0};
    return errno == EAGAIN && ::poll(&room, 1, -1) >= 0;
}

// Gives the file to the owner of the old one, or to its group, at least: whoever was let read that, a web
// server perhaps, can read this.
bool give_to_owner_of(const struct stat& old, int fd) {
    constexpr auto nobody_else = static_cast<uid_t>(-1);
    return ::fchown(fd, old.st_uid, old.st_gid) == 0 || ::fchown(fd, nobody_else, old.st_gid) == 0;
}

}  // namespace

std::optional<File> read_regular_file(const std::string& path, std::size_t most) {
    const unique_fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) fail(path, most);
    if (!S_ISREG(status.st_mode)) throw FileError(path + ": not a regular file");
    const auto size = static_cast<std::size_t>(status.st_size);
    errno = EFBIG;
    auto text = size > most ? std::nullopt : read_all(fd.get(), most, size);
    if (!text) fail(path, most);
    return File{std::move(*text), status};
}

// The size from stat(2) is only a hint: a file may grow, and in /proc it is 0.
std::optional<std::string> read_all(int fd, std::size_t most, std::size_t expected) {
    std::string text;
    for (std::size_t size = 0;;) {
        if (text.size() - size < piece) text.resize(std::max(size, expected) + piece);
        const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        size += static_cast<std::size_t>(got);
        if (size > most) {
            errno = EFBIG;
            return std::nullopt;
        }
        if (got > 0) continue;
        text.resize(size);
        return text;
    }
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && !can_go_on(fd)) return false;
        if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void replace_file(const std::string& path, std::string_view text, mode_t mode) {
    struct stat old {};
    const bool is_there = ::lstat(path.c_str(), &old) == 0;
    if (is_there) {
        if (S_ISDIR(old.st_mode)) throw FileError(path + ": it is a directory, expected a file");
        if (S_ISLNK(old.st_mode)) throw FileError(path + ": it is a symbolic link, expected a file");
        if (!S_ISREG(old.st_mode)) throw FileError(path + ": not a regular file");
        mode = old.st_mode & 0777;
    }
    std::string beside = path + ".XXXXXX";
    const unique_fd fd(::mkostemp(beside.data(), O_CLOEXEC));
    if (!fd) throw FileError(with_errno(path, errno));
    const auto complete = [&] {
        if (!write_all(fd.get(), text)) return false;
        if (is_there && !give_to_owner_of(old, fd.get())) mode &= ~mode_t{S_IRWXG};  // of another group
        return ::fchmod(fd.get(), mode) == 0 && ::fsync(fd.get()) == 0 &&
               ::rename(beside.c_str(), path.c_str()) == 0;
    };
    if (complete()) return;
    const int error = errno;
    ::unlink(beside.c_str());
    throw FileError(with_errno(path, error));
}

}  // namespace sqlgrey::base
