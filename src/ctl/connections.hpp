// Counts the connections to a daemon in /proc/net, which every user may read; the daemon is not asked.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::ctl {

// Established connections to the ports of `inet` and `milter` and to their Unix sockets, on this machine or
// in this container. Nothing if none of the files in /proc/net can be read.
std::optional<std::int64_t> connections_to(const config::Settings& settings);

// 1 if this line of /proc/net/tcp or /proc/net/tcp6 is an established connection whose local end is that
// port, else 0. Accepts any text.
int established_in(std::string_view line_of_tcp, unsigned port);
// 1 if this line of /proc/net/unix is the accepted end of a connection to that path, else 0. Accepts any
// text.
int accepted_in(std::string_view line_of_unix, std::string_view path);

}  // namespace sqlgrey::ctl
