// The daemon from start to end.
#pragma once

#include "sqlgrey/config/command_line.hpp"
#include "sqlgrey/config/load.hpp"

namespace sqlgrey::app {

// Runs until a signal stops it; returns the exit status. Errors at the start are printed on standard error,
// with --daemonize too.
int run_daemon(const config::CommandLine& command, const config::LoadedSettings& loaded);

}  // namespace sqlgrey::app
