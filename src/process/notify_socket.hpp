// The socket to which sd_notify(3) messages go.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <string_view>

namespace sqlgrey::process {

// Connected to $NOTIFY_SOCKET; nothing if that is not set or nobody is there. A message waits for at most
// `timeout` until systemd, which may be busy, has read earlier ones.
base::unique_fd connect_to_systemd(base::Seconds timeout);

// With a descriptor, or without one if it is -1. False if it could not be sent.
bool tell_systemd(int socket, std::string_view message, int fd = -1);

}  // namespace sqlgrey::process
