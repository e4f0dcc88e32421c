// Spawns a child: fork(2), and what has to be changed in it before its task runs.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/process/master.hpp"

#include <functional>

#include <sys/types.h>

namespace sqlgrey::process {

// The first step in the child: closes the descriptors that only the master may have open, sets up a child's
// signals, and returns the descriptor for ChildContext::stop.
using LeaveMaster = std::function<base::unique_fd()>;

struct Spawned {
    pid_t pid = -1;           // -1: it could not be started; errno says why
    base::unique_fd channel;  // the master's end
};

// Never returns in the child. The child gets TERM if the master dies. `child` holds what the master knows;
// the rest is filled in here.
Spawned spawn(const std::function<int(ChildContext&)>& task, ChildContext child,
              const LeaveMaster& leave_master, const log::Logger& logger);

}  // namespace sqlgrey::process
