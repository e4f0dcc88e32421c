// --check-config: checks everything that the daemon reads or looks up at its start, except the database, and
// sockets and the pid file, which a running daemon holds.
#pragma once

#include "sqlgrey/config/command_line.hpp"
#include "sqlgrey/config/load.hpp"

namespace sqlgrey::setup {

// Prints each problem on standard error; returns the exit status: 1 for an error, or with --strict a warning.
// As root it reads files as the daemon will, in a child that has changed to the daemon's user and group.
// Throws base::StartError if the account does not exist.
int check_config(const config::CommandLine& command, const config::LoadedSettings& loaded);

}  // namespace sqlgrey::setup
