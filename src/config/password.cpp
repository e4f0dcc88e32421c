// The password file: read while the daemon still has the rights it was started with.
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

std::string read_password(Reading& reading, const std::string& path, int line) {
    const std::string name = "db_pass_file = " + log::escape(path);
    // O_NONBLOCK: a FIFO that someone put there must not hold up the start.
    const base::unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        reading.error(line, base::with_errno(name + ": expected a file the daemon can read", errno) +
                                "; create it or correct its permissions");
        return {};
    }
    if (!S_ISREG(status.st_mode)) {
        reading.error(line, name + ": expected a plain file with the password in its first line");
        return {};
    }
    if ((status.st_mode & S_IROTH) != 0) {
        reading.warning(line, name + ": everybody on this machine can read the password; chmod o-r it");
    }
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    const std::string text(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    std::string password = text.substr(0, text.find('\n'));
    if (password.ends_with('\r')) password.pop_back();
    const bool control =
        std::any_of(password.begin(), password.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (password.empty() || control || password.size() == buffer.size()) {
        reading.error(line, name + ": expected the password in its first line, without control characters");
        return {};
    }
    return password;
}

}  // namespace sqlgrey::config
