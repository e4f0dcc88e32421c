// Listening sockets that were opened before the daemon started, by a socket unit of systemd. Connections wait
// in them while no daemon runs.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/server/front.hpp"

#include <string>
#include <vector>

#include <sys/socket.h>

namespace sqlgrey::server {

class PassedSockets {
  public:
    // Makes it non-blocking. `name` is for messages only. Throws base::StartError unless it is a listening
    // stream socket of IPv4, IPv6 or Unix: what it is instead, and which setting of the socket unit is wrong.
    void add(const std::string& name, base::unique_fd fd);

    bool empty() const { return sockets_.empty(); }
    // True if one of them accepts every connection to this address: it must not be opened a second time. Its
    // clients speak what `front` says.
    bool serve(const sockaddr* address, Front front);
    // True if one of them accepts some of the connections to this address, so that it cannot be opened beside
    // it: the address is a wildcard, the socket is not.
    bool serve_part_of(const sockaddr* address, Front front);

    // "127.0.0.1:2501, /run/sqlgrey/socket".
    std::string addresses() const;
    // The addresses of those for which no call of serve() or serve_part_of() was true.
    std::vector<std::string> not_asked_for() const;
    // What the clients of each speak, in the order of release().
    std::vector<Front> fronts() const;
    // All of them; this object is empty then.
    std::vector<base::unique_fd> release();

  private:
    struct Socket {
        base::unique_fd fd;
        sockaddr_storage address;
        std::string text;
        bool also_ipv4;  // a wildcard of IPv6 that accepts IPv4 too
        bool asked_for;
        Front front;
    };
    std::vector<Socket> sockets_;
};

}  // namespace sqlgrey::server
