// The command line of sqlgreyctl.
#pragma once

#include "command.hpp"

#include <string>
#include <variant>

namespace sqlgrey::ctl {

// What is asked without a command.
enum class General { help, man, version };

struct CommandCall {
    const Command& command;
    Invocation invocation;
};

// Throws po::error with one sentence for what it does not understand.
std::variant<General, CommandCall> parse_command_line(int argc, const char* const* argv);

// What --help prints.
std::string help_text();

}  // namespace sqlgrey::ctl
