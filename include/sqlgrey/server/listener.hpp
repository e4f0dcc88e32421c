// Listening sockets: inet "port", "host:port", "[v6]:port", "*:port" and a Unix socket with a mode.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <string>
#include <vector>

#include <sys/stat.h>

namespace sqlgrey::server {

// Opens all of them, non-blocking and close-on-exec. A bare port and the name localhost bind both loopback
// addresses, or the one of them that the machine has; `*` all addresses of the machine; any other name all of
// its addresses (IPv6 ones are left out where the machine has no IPv6). Port 0 is any free port.
//
// An empty unix_path: no Unix socket. That of a daemon that is gone is replaced, that of a living one is not.
// It gets its mode when it is made, never later by its path. Sets the umask for that moment: no other thread
// may make files.
//
// Throws base::StartError: which address, why, what to do.
std::vector<base::unique_fd> open_listeners(const std::vector<std::string>& inet,
                                            const std::string& unix_path, unsigned unix_mode);

// The file of a Unix socket that has just been made.
class SocketFile {
  public:
    explicit SocketFile(const std::string& path);
    // Unless another daemon has put its own in the place.
    void remove() const;

  private:
    std::string path_;
    struct stat made_ {};
};

}  // namespace sqlgrey::server
