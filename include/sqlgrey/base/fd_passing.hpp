// Passing an open descriptor to another process over a Unix stream socket (SCM_RIGHTS, unix(7)).
// Neither function ever blocks or throws.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

namespace sqlgrey::base {

enum class Passed { yes, again, gone };

// Sends it with one byte; the caller keeps its own copy. `again`: the other side's queue is
// full; `gone`: nobody is there.
Passed send_fd(int channel, int fd);

// Takes one; `out` holds it on yes, close-on-exec. `out` is empty on yes when the descriptor was
// lost on the way: this process has no free one (EMFILE). `again`: nothing is waiting; `gone`: the
// end of the channel.
Passed receive_fd(int channel, unique_fd& out);

}  // namespace sqlgrey::base
