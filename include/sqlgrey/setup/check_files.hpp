// --check-config: all that the daemon reads or looks up at its start, but for sockets and the pid file, which
// a running daemon holds, and the database.
#pragma once

#include "sqlgrey/config/command_line.hpp"
#include "sqlgrey/config/load.hpp"

namespace sqlgrey::setup {

// Prints each problem on standard error; gives the exit status: 1 for an error, or with --strict a warning.
// Started as root it reads files as the daemon will, in a child that has become user and group. Throws
// base::StartError if there is no such account.
int check_config(const config::CommandLine& command, const config::LoadedSettings& loaded);

}  // namespace sqlgrey::setup
