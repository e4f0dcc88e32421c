// sqlgrey --replace: a new daemon, the successor, takes the place of the running one, which loses no
// connection and no request by it.
//
// The running daemon listens on a Unix socket beside its pid file, PIDFILE.replace, which only the user that
// started it may open. Not on an abstract name, because those have no owner and no mode: anybody could take
// the name first. Messages are those of base/fd_passing.hpp:
//
//     successor -> running   hello, with the version of this protocol and of the texts of connections
//     running -> successor   refusal and its reason; or welcome, and its descriptors, each with a name
//     (the successor starts its own children, from its own settings; the running daemon goes on)
//     successor -> running   ready: its children could serve
//     running -> successor   go; then each connection, as the workers hand it over between two requests
//     (the running daemon ends)
//
// Until it ends, the running daemon can go on: if its successor is gone, at whatever step, it serves again,
// with the connections that it still has. If the running daemon is gone without a refusal, the successor
// serves.
//
// Who may replace: root, and the account that the daemon runs as (SO_PEERCRED). Both sides also know each
// other's process by the lock of the pid file.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/process/daemon.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace sqlgrey::process {

// A descriptor of this process that a successor gets a copy of.
struct Offered {
    std::string name;
    int fd = -1;
};

// The socket on which a daemon waits for its successor.
class ReplaceSocket {
  public:
    static std::string path_of(const std::string& pid_file);
    // Binds PIDFILE.replace, in place of what a dead daemon left there. The caller holds the lock of the pid
    // file. Throws base::StartError.
    explicit ReplaceSocket(const std::string& pid_file);
    // That of the daemon that is replaced.
    ReplaceSocket(const std::string& pid_file, base::unique_fd socket);

    // Call as the process, and the user, that peers are to see (SO_PEERCRED). Again when it was another
    // daemon's. Throws base::StartError.
    void listen() const;
    int fd() const { return socket_.get(); }
    // If this process has the right to.
    void remove() const;

  private:
    std::string path_;
    base::unique_fd socket_;
};

// The daemon that is to be replaced, as its successor sees it.
class Predecessor {
  public:
    // Connects to the daemon that holds the lock of that pid file; nothing if none does. Tries again for two
    // seconds, because it may be starting, or just replacing another. Throws base::StartError: nothing
    // listens there, or another process does.
    static std::optional<Predecessor> running(const std::string& pid_file);

    // Introduces this process, and returns what the other hands over. Waits a few seconds at most. Throws
    // base::StartError with the reason of a refusal.
    std::vector<PassedDescriptor> take_over(std::string_view connection_format);

    pid_t pid() const { return pid_; }
    // $NOTIFY_SOCKET of that daemon, which is systemd's; empty if none started it.
    const std::string& notify_socket() const { return notify_socket_; }

    // For the master.
    int fd() const { return socket_.get(); }
    // Tells it that this process could serve. Later calls do nothing.
    void ask_to_go();

  private:
    Predecessor(pid_t pid, base::unique_fd socket) : pid_(pid), socket_(std::move(socket)) {}
    void check_cgroup(std::string_view its_own) const;

    pid_t pid_;
    base::unique_fd socket_;
    std::string notify_socket_;
    bool asked_ = false;
};

}  // namespace sqlgrey::process
