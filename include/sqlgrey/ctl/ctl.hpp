// sqlgreyctl: what an administrator asks and does beside the daemon, from command line to exit status.
#pragma once

namespace sqlgrey::ctl {

// What its main() does: 0 if the command did what it was asked, 1 if it could not, 2 for a command line that
// is not understood.
int run_ctl(int argc, const char* const* argv);

}  // namespace sqlgrey::ctl
