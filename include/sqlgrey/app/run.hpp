// The daemon's program, from command line to exit status.
#pragma once

namespace sqlgrey::app {

// What main() does: 0 for what was asked and done, 1 for what cannot be done, 2 for a command line that is
// not understood (src/greylist/README.md section 11).
int run(int argc, const char* const* argv);

}  // namespace sqlgrey::app
