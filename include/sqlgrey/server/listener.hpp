// Listening sockets: inet "port", "host:port", "[v6]:port", "*:port" and a Unix socket with a mode.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <string>
#include <vector>

namespace sqlgrey::server {

// Opens all of them, non-blocking and close-on-exec. A bare port and the name localhost bind both
// loopback addresses (127.0.0.1 must work; ::1 is left out where the machine has no IPv6); any other name
// binds all its addresses, `*` all of the machine; port 0 is any free port. An empty unix_path: no Unix
// socket. The Unix socket of a daemon that is gone is replaced, that of a living one is not. Throws
// base::StartError: which address, why, what to do.
std::vector<base::unique_fd> open_listeners(const std::vector<std::string>& inet,
                                            const std::string& unix_path, unsigned unix_mode);

}  // namespace sqlgrey::server
