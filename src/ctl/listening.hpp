// Whether a daemon listens where the settings say.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <string>

namespace sqlgrey::ctl {

// The first of `inet` and `unix` that takes a connection within two seconds each; empty: none does. A daemon
// in the foreground, as systemd runs it, has no pid file.
std::string listening_at(const config::Settings& settings);

}  // namespace sqlgrey::ctl
