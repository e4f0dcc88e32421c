// Spawns a child: fork(2), and what must be changed in the child before its task runs.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/process/master.hpp"

#include <functional>

#include <sys/types.h>

namespace sqlgrey::process {

// The first step in the child: closes the master's descriptors, sets up a child's signals, and returns the
// descriptor for ChildContext::stop.
using LeaveMaster = std::function<base::unique_fd()>;

struct Spawned {
    pid_t pid = -1;           // -1: it could not be started; errno says why
    base::unique_fd channel;  // the master's end
};

// Starts a child of that role. Never returns in the child, which gets TERM if the master dies. The caller
// fills in slot and open_connections of `child`, spawn() the rest.
Spawned spawn(const Role& role, ChildContext child, const LeaveMaster& leave_master,
              const log::Logger& logger);

}  // namespace sqlgrey::process
