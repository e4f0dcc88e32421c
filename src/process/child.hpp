// How a child is spawned: fork(2), and all that has to be put right in it before its task runs.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/process/master.hpp"

#include <functional>

#include <sys/types.h>

namespace sqlgrey::process {

// In the child, before anything else: closes all that only the master may have open, and turns to a
// child's signals, giving the descriptor for ChildContext::stop.
using LeaveMaster = std::function<base::unique_fd()>;

struct Spawned {
    pid_t pid = -1;           // -1: the machine would not let us; errno says why
    base::unique_fd channel;  // the master's end
};

// Never returns in the child. The child gets TERM should the master die without a word. `child` has what only
// the master knows; the child puts the rest in.
Spawned spawn(const std::function<int(ChildContext&)>& task, ChildContext child,
              const LeaveMaster& leave_master, const log::Logger& logger);

}  // namespace sqlgrey::process
