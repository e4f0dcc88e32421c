// Listening sockets: TCP addresses "port", "host:port", "[v6]:port", "*:port", and a Unix socket with a mode.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/server/front.hpp"
#include "sqlgrey/server/passed_sockets.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace sqlgrey::server {

// Opens all of them, non-blocking and close-on-exec. A bare port and the name localhost bind both loopback
// addresses, or the one that the machine has; `*` binds all addresses of the machine; any other name binds
// all its addresses (without IPv6 ones if the machine has no IPv6). Port 0 is any free port.
//
// An empty unix_path means no Unix socket. The socket file of a dead daemon is replaced, that of a running
// one is not. The file has its mode from the moment it is created. Sets the umask meanwhile: no other thread
// may create files.
//
// Throws base::StartError: which address, why, what to do.
std::vector<base::unique_fd> open_listeners(const std::vector<std::string>& inet,
                                            const std::string& unix_path, unsigned unix_mode);

// The file of a Unix socket that was just created, or is served already.
class SocketFile {
  public:
    explicit SocketFile(const std::string& path);
    // Removes it, unless another daemon has replaced it.
    void remove() const;

  private:
    std::string path_;
    struct stat made_ {};
};

// Where to listen. The first two are for clients that speak Postfix's policy protocol.
struct Places {
    std::vector<std::string> inet;
    std::string unix_path;            // empty: none
    unsigned unix_mode = 0;           // of all Unix sockets
    std::vector<std::string> milter;  // "inet:" and an address as in inet, or "unix:" and a path
};

struct Listeners {
    std::vector<base::unique_fd> sockets;  // those that were passed come first
    std::vector<Front> fronts;             // of each of them
    std::size_t passed = 0;                // how many
    // Paths of Unix sockets; without those that were passed, because their files are not ours.
    std::vector<std::string> unix_files;
    // Sentences for the administrator: where the settings and the sockets passed differ.
    std::vector<std::string> differences;
    // Of sockets of the daemon before that the settings do not name any more.
    std::vector<SocketFile> unused_files;
};

// The same beside sockets that are open already. All of those are served, as the settings say what their
// clients speak, or as policy if no setting names them; addresses that none of them serves are opened. What
// cannot be opened because one of them serves a part of it is a difference and no error.
//
// `of_before` are sockets that the daemon before this one has opened (process/replace.hpp): one that is bound
// to exactly the address that would be opened is served instead; the others are closed.
Listeners open_listeners(const Places& places, PassedSockets passed,
                         std::vector<base::unique_fd> of_before = {});

}  // namespace sqlgrey::server
