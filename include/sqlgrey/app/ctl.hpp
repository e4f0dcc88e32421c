// sqlgreyctl: what an admin asks and does beside the daemon, from command line to exit status.
#pragma once

namespace sqlgrey::app {

// What its main() does: 0 for what was asked and done, 1 for what cannot be done, 2 for a command line that
// is not understood.
int run_ctl(int argc, const char* const* argv);

}  // namespace sqlgrey::app
