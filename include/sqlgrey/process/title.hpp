// The title of a process, which ps(1) shows instead of its command line. The process name (ps -o comm, pgrep
// -x) remains the program's.
#pragma once

#include <string>

namespace sqlgrey::process {

// Call first in main(). The kernel shows the memory of argv and, behind it, the environment, so both are
// copied elsewhere. Without this call set_title() does nothing.
void reserve_title_memory(int argc, char** argv);

// Truncated to the available memory. Call from the thread of main() only.
void set_title(const std::string& title);

// The original command line.
std::string command_line();

}  // namespace sqlgrey::process
