// The daemon's life from start to end, one line a step in the only order that works.
#pragma once

#include "sqlgrey/config/command_line.hpp"
#include "sqlgrey/config/load.hpp"

namespace sqlgrey::app {

// Runs until it is told to stop; gives the exit status. What keeps it from starting is told on standard
// error, before it detaches.
int run_daemon(const config::CommandLine& command, const config::LoadedSettings& loaded);

}  // namespace sqlgrey::app
