#include "destination.hpp"

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"

#include <cerrno>
#include <climits>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>

namespace sqlgrey::log {
namespace {

constexpr int descriptor_wait_ms = 1000;
const std::string not_read = "they were not read in time";

int send_flags(Destination::Wait wait) {
    return MSG_NOSIGNAL | (wait == Destination::Wait::no ? MSG_DONTWAIT : 0);
}

class StandardError final : public Destination {
  public:
    // Writing to a file never blocks, and to a socket need not. A pipe may block: O_NONBLOCK would apply to
    // every process that has it open, and what poll(2) reports is void while others write.
    bool writes_without_waiting() const override {
        struct stat status {};
        if (::fstat(STDERR_FILENO, &status) != 0) return false;
        const bool null = S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
        return S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode) || null;
    }

    // What a pipe takes in one piece, so that lines of several processes do not mix.
    std::size_t most_together() const override { return PIPE_BUF; }

    int write(std::string_view& bytes, Wait wait) const override {
        ssize_t written = ::send(STDERR_FILENO, bytes.data(), bytes.size(), send_flags(wait));
        if (written < 0 && errno == ENOTSOCK) written = ::write(STDERR_FILENO, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
            return 0;
        }
        if (errno == EAGAIN && wait == Wait::yes) return wait_for_room();
        return errno == EINTR ? 0 : errno;
    }

    std::string reason(int error) const override {
        if (error == EPIPE) return "nobody read standard error";
        return error == 0 || error == EAGAIN ? not_read
                                             : std::string{"standard error: "} + std::strerror(error);
    }

  private:
    // Needed if another process has made the pipe or terminal non-blocking.
    static int wait_for_room() {
        pollfd room{STDERR_FILENO, POLLOUT, 0};
        ::poll(&room, 1, descriptor_wait_ms);
        return 0;
    }
};

sockaddr_un name_of(const std::string& path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    return name;
}

class SyslogSocket final : public Destination {
  public:
    explicit SyslogSocket(const std::string& path)
        : path_(path), fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), name_(name_of(path)) {
        const timeval limit{1, 0};  // for a write with Wait::yes
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }

    bool writes_without_waiting() const override { return true; }
    std::size_t most_together() const override { return 0; }

    int write(std::string_view& bytes, Wait wait) const override {
        const ssize_t sent = ::sendto(fd_.get(), bytes.data(), bytes.size(), send_flags(wait),
                                      reinterpret_cast<const sockaddr*>(&name_), sizeof name_);
        // EMSGSIZE: too long for a datagram; dropped, because no attempt would succeed.
        if (sent >= 0 || errno == EMSGSIZE) bytes = {};
        if (sent >= 0 || errno == EMSGSIZE || errno == EINTR) return 0;
        return errno == EAGAIN && wait == Wait::yes ? 0 : errno;
    }

    std::string reason(int error) const override {
        if (error == 0 || error == EAGAIN || error == ENOBUFS) return not_read;
        if (error == ENOENT || error == ECONNREFUSED) return "no syslog daemon listened at " + path_;
        return path_ + ": " + std::strerror(error);
    }

  private:
    std::string path_;
    base::unique_fd fd_;
    sockaddr_un name_;
};

}  // namespace

std::unique_ptr<const Destination> standard_error() {
    return std::make_unique<StandardError>();
}

bool reads_syslog(const std::string& socket) {
    const base::unique_fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_un name = name_of(socket);
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
}

std::unique_ptr<const Destination> syslog_socket(const std::string& path) {
    return std::make_unique<SyslogSocket>(path);
}

}  // namespace sqlgrey::log
