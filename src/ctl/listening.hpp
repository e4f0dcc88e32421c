// Whether a daemon listens and answers where the settings say.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <string>
#include <vector>

namespace sqlgrey::ctl {

// The first of `inet` and `unix` that takes a connection within two seconds each; empty: none does. A daemon
// in the foreground, as systemd runs it, has no pid file.
std::string listening_at(const config::Settings& settings);

// Those of `inet` and `unix` that do not answer policy::check_request within two seconds.
std::vector<std::string> silent_endpoints(const config::Settings& settings);

}  // namespace sqlgrey::ctl
