// The whole of sqlgreyctl, the administrator's tool: from the command line to the exit status.
#pragma once

namespace sqlgrey::ctl {

// Runs the command and returns the exit status: 0 done, or yes; 1 failed, or no; 2 the command line is wrong;
// 3 nothing matches; 75 the database is unavailable. `sqlgreyctl check` returns 0 to 3, as a Nagios plugin.
// Reports errors on standard error. Call once, from main().
int run_ctl(int argc, const char* const* argv);

}  // namespace sqlgrey::ctl
