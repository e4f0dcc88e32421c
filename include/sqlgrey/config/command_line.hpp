// The command line (src/greylist/README.md section 11).
#pragma once

#include <string>

namespace sqlgrey::config {

enum class Action { run, help, man, version, kill, check_config, print_config, print_schema, stdio };

// The command line, typed; paths are absolute.
struct CommandLine {
    Action action = Action::run;
    bool daemonize = false;
    bool replace = false;                                   // run: take the place of a running daemon
    bool check_database = false;                            // check_config: check the tables too
    bool strict = false;                                    // check_config: a warning counts as an error
    std::string pidfile;                                    // absolute; empty: as in the file
    std::string config_file = "/etc/sqlgrey/sqlgrey.conf";  // absolute, so that a reload finds it
    bool config_file_named = false;                         // by -f
    bool operator==(const CommandLine&) const = default;
};

// Throws base::StartError, one sentence, for a command line that is not understood. Of several actions the
// first in the order of the enum counts (help before man before version ...).
CommandLine parse_command_line(int argc, const char* const* argv);

// The output of --help: the options, then each parameter with default and unit, from the table.
std::string help_text();

}  // namespace sqlgrey::config
