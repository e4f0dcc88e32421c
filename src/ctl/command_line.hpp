// Parses the command line of sqlgreyctl.
#pragma once

#include "command.hpp"

#include <variant>

namespace sqlgrey::ctl {

// Options that need no command. `completion` prints the completion script for bash.
enum class General { help, man, version, completion };

struct CommandCall {
    const Command& command;
    Invocation invocation;
};

// "COMMAND --help".
struct CommandHelp {
    const Command& command;
};

// An option that every command takes; `letter` is 0 if it has none.
struct GeneralOption {
    Option option;
    char letter;
};
std::span<const GeneralOption> general_options();

// Throws UsageError.
std::variant<General, CommandHelp, CommandCall> parse_command_line(int argc, const char* const* argv);

}  // namespace sqlgrey::ctl
