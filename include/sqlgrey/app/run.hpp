// The program `sqlgrey`, from command line to exit status.
#pragma once

namespace sqlgrey::app {

// Runs the program and returns its exit status: 0 for success, 1 for a failure, 2 for a wrong command line
// (src/greylist/README.md section 11).
int run(int argc, const char* const* argv);

}  // namespace sqlgrey::app
