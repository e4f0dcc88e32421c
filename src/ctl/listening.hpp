// Whether a daemon listens and answers at the addresses in the settings.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <string>
#include <vector>

namespace sqlgrey::ctl {

// The first of `inet` and `unix` that accepts a connection within two seconds; empty if none does. Needed
// because a daemon in the foreground, as systemd runs it, has no pid file.
std::string listening_at(const config::Settings& settings);

// Those of `inet` and `unix` that do not answer policy::check_request, and those of `milter` that do not
// answer a negotiation. Connecting and reading may each take two seconds.
std::vector<std::string> silent_endpoints(const config::Settings& settings);

}  // namespace sqlgrey::ctl
