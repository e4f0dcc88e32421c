// The socket beside the pid file.
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/process/replace.hpp"
#include "unix_name.hpp"

#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>

namespace sqlgrey::process {

namespace {

constexpr int backlog = 4;  // a second successor is refused, a third may wait

// Removes the socket of a daemon that is dead: the caller holds the lock that it would hold.
void remove_old(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) ::unlink(path.c_str());
}

[[noreturn]] void fail(const std::string& path, int error) {
    throw base::StartError(base::with_errno("cannot listen on " + path, error));
}

}  // namespace

std::string ReplaceSocket::path_of(const std::string& pid_file) {
    return pid_file + ".replace";
}

ReplaceSocket::ReplaceSocket(const std::string& pid_file)
    : ReplaceSocket(pid_file,
                    base::unique_fd{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)}) {
    const auto name = unix_name(path_);
    if (!name) fail(path_, ENAMETOOLONG);
    if (!socket_) fail(path_, errno);
    remove_old(path_);
    constexpr mode_t owner_only = 0600;
    const mode_t before = ::umask(~owner_only & 0777);
    // The mode of the socket counts if the directory has a default ACL instead of the umask.
    const bool bound = ::fchmod(socket_.get(), owner_only) == 0 &&
                       ::bind(socket_.get(), name->address(), name->length()) == 0;
    const int error = errno;
    ::umask(before);
    if (!bound) fail(path_, error);
}

ReplaceSocket::ReplaceSocket(const std::string& pid_file, base::unique_fd socket)
    : path_(path_of(pid_file)), socket_(std::move(socket)) {
}

void ReplaceSocket::listen() const {
    if (::listen(socket_.get(), backlog) != 0) fail(path_, errno);
}

void ReplaceSocket::remove() const {
    ::unlink(path_.c_str());
}

}  // namespace sqlgrey::process
