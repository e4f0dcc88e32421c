// The title of a process, which ps(1) shows in place of its command line. The name (ps -o comm, pgrep -x)
// stays the program's.
#pragma once

#include <string>

namespace sqlgrey::process {

// First thing in main(): the kernel shows the memory that holds argv and, behind it, the environment, so both
// move elsewhere. Without it set_title() does nothing.
void make_room_for_title(int argc, char** argv);

// Cut where the room ends. Belongs to the thread that main() runs in.
void set_title(const std::string& title);

// The command line as it was.
std::string command_line();

}  // namespace sqlgrey::process
