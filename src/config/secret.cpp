// The files with the password and the key, read while the daemon still has the rights it was started with.
#include "reading.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::config {
namespace {

// O_NONBLOCK: a FIFO of that name must not block the start. Root follows no link in a directory where others
// can create one, because it could point to any file that only root may read. The directory is opened once,
// so that it cannot be replaced in between.
base::unique_fd open_secret(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const base::unique_fd place{::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    struct stat status {};
    if (!place || ::fstat(place.get(), &status) != 0) return {};
    const std::string file = path.substr(slash + 1);
    const bool others_write = status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    const int no_link = ::geteuid() == 0 && others_write ? O_NOFOLLOW : 0;
    return base::unique_fd{::openat(place.get(), file.empty() ? "." : file.c_str(),
                                    O_RDONLY | O_CLOEXEC | O_NONBLOCK | no_link)};
}

}  // namespace

std::string read_secret(Reading& reading, const SecretFile& file, const std::string& path, int line) {
    const std::string name = std::string{file.parameter} + " = " + log::escape(path);
    const std::string what{file.what};
    const base::unique_fd fd = open_secret(path);
    struct stat status {};
    if (!fd && errno == ELOOP) {
        reading.error(line,
                      name +
                          ": expected a file, not a symbolic link in a directory where others than root can "
                          "make one; name the file itself");
        return {};
    }
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        reading.error(line, base::with_errno(name + ": expected a file the daemon can read", errno) +
                                "; create it or correct its permissions");
        return {};
    }
    if (!S_ISREG(status.st_mode)) {
        reading.error(line, name + ": expected a plain file with the " + what + " in its first line");
        return {};
    }
    if ((status.st_mode & S_IROTH) != 0) {
        reading.warning(line, name + ": everybody on this machine can read the " + what + "; chmod o-r it");
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        reading.warning(line, name + ": everybody on this machine can change the " + what + "; chmod o-w it");
    }
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    const std::string text(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    std::string secret = text.substr(0, text.find('\n'));
    if (secret.ends_with('\r')) secret.pop_back();
    const bool control =
        std::any_of(secret.begin(), secret.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (secret.size() < file.least || control || secret.size() == buffer.size()) {
        const std::string at_least =
            file.least > 1 ? " of at least " + std::to_string(file.least) + " bytes" : "";
        reading.error(line, name + ": expected the " + what + at_least +
                                " in its first line, without control characters");
        return {};
    }
    return secret;
}

}  // namespace sqlgrey::config
