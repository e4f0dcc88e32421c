// The command line (src/greylist/README.md section 11).
#pragma once

#include <string>

namespace sqlgrey::config {

enum class Action { run, help, man, version, kill, check_config, print_config, print_schema, stdio };

struct CommandLine {
    Action action = Action::run;
    bool daemonize = false;
    bool check_database = false;                            // check_config: look at the tables too
    bool strict = false;                                    // check_config: a warning is as bad as an error
    std::string pidfile;                                    // absolute; empty: the file's
    std::string config_file = "/etc/sqlgrey/sqlgrey.conf";  // absolute, so that a reload finds it again
    bool config_file_named = false;                         // the admin gave -f
    bool operator==(const CommandLine&) const = default;
};

// Throws base::StartError with one sentence for what it does not understand. Of several actions the
// first in the order of the enum above counts (help before man before version ...).
CommandLine parse_command_line(int argc, const char* const* argv);

// What --help prints: the options, then each parameter with default and unit, from the table.
std::string help_text();

}  // namespace sqlgrey::config
