// Texts made from the table of commands.
#pragma once

#include "command.hpp"

namespace sqlgrey::ctl {

// --help: all commands, then the general options.
std::string help_text();
// "COMMAND --help".
std::string help_text(const Command& command);
// --completion: the script for bash. conf/sqlgreyctl.bash is a copy of it.
std::string completion_script();

}  // namespace sqlgrey::ctl
