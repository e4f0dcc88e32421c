// The files that hold the password and the key: read while the daemon still has the rights it was started
// with.
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

std::string read_secret(Reading& reading, const SecretFile& file, const std::string& path, int line) {
    const std::string name = std::string{file.parameter} + " = " + log::escape(path);
    const std::string what{file.what};
    // O_NONBLOCK: a FIFO that someone put there must not hold up the start.
    const base::unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat status {};
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
