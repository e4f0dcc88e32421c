// How many connections a daemon has, as the kernel counts them: any user may ask, and the daemon is not.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sqlgrey::ctl {

// Established connections to the ports of `inet` and to `unix` on this machine (in this container). Nothing
// if the kernel does not say.
std::optional<std::int64_t> connections_to(const config::Settings& settings);

// Those of one line of /proc/net/tcp or /proc/net/tcp6: 1 if it is an established connection whose own end is
// that port. Any text is taken.
int established_in(std::string_view line_of_tcp, unsigned port);
// Those of one line of /proc/net/unix: 1 if it is the accepted end of a connection to that path.
int accepted_in(std::string_view line_of_unix, std::string_view path);

}  // namespace sqlgrey::ctl
