// The daemon's settings, as the commands read them.
#pragma once

#include "command.hpp"
#include "sqlgrey/config/settings.hpp"

namespace sqlgrey::ctl {

// Reads the file of --config, or /etc/sqlgrey/sqlgrey.conf. Prints problems on standard error; throws
// base::StartError if one is an error.
config::Settings read_settings(const Invocation& invocation);

// The user who runs the command; with sudo, the one who called it.
std::string who();

}  // namespace sqlgrey::ctl
