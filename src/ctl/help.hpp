// What is printed of the table of commands.
#pragma once

#include "command.hpp"

namespace sqlgrey::ctl {

// --help: all commands, then the options that every command takes.
std::string help_text();
// --help behind a command.
std::string help_text(const Command& command);
// --completion: the script for bash; conf/sqlgreyctl.bash is its output.
std::string completion_script();

}  // namespace sqlgrey::ctl
