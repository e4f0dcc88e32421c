// What the commands read of the daemon's configuration.
#pragma once

#include "command.hpp"
#include "sqlgrey/config/settings.hpp"

namespace sqlgrey::ctl {

// The settings of --config, or of /etc/sqlgrey/sqlgrey.conf; what is wrong with them is printed on standard
// error. Throws base::StartError if they hold an error.
config::Settings read_settings(const Invocation& invocation);

// Whoever typed the command: behind sudo the user of the session.
std::string who();

}  // namespace sqlgrey::ctl
