#include "sqlgrey/server/standard_streams.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/fd_passing.hpp"
#include "sqlgrey/base/file.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sqlgrey::server {
namespace {

void make_pair(int type, base::unique_fd& one, base::unique_fd& other) {
    int ends[2];
    if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
        throw base::StartError(base::with_errno("socketpair", errno));
    one.reset(ends[0]);
    other.reset(ends[1]);
}

// The descriptor may be non-blocking, if the process that started this one set it so.
bool can_read_on(int fd) {
    if (errno == EINTR) return true;
    pollfd end{fd, POLLIN, 0};
    return errno == EAGAIN && ::poll(&end, 1, -1) >= 0;
}

// Until `from` ends or `to` accepts no more.
void carry(int from, int to) {
    std::array<char, 16384> bytes;
    for (;;) {
        const ssize_t got = ::read(from, bytes.data(), bytes.size());
        if (got < 0 && can_read_on(from)) continue;
        if (got <= 0 || !base::write_all(to, {bytes.data(), static_cast<std::size_t>(got)})) return;
    }
}

}  // namespace

StandardStreams::StandardStreams() {
    base::unique_fd connection, connection_for_worker;
    make_pair(SOCK_SEQPACKET, channel_, channel_for_worker_);
    make_pair(SOCK_STREAM, connection, connection_for_worker);
    make_pair(SOCK_STREAM, stop_, stop_for_worker_);
    if (base::send_fd(channel_.get(), connection_for_worker.get()) != base::PassResult::done)
        throw base::StartError("a descriptor could not be passed");
    connection_for_worker.reset();

    const int fd =
        connection.release();  // stays open until the process ends: the thread below may outlive this object
    std::thread([fd] {
        carry(STDIN_FILENO, fd);
        ::shutdown(fd, SHUT_WR);  // pending requests are answered, then the worker closes
    }).detach();                  // it may still be reading when no one reads the replies any more
    output_ = std::jthread([this, fd] {
        carry(fd, STDOUT_FILENO);
        ::shutdown(fd, SHUT_RDWR);
        stop_.reset();
    });
}

StandardStreams::~StandardStreams() = default;

}  // namespace sqlgrey::server
