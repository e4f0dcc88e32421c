// The command line of sqlgreyctl.
#pragma once

#include "sqlgrey/importer/mapping.hpp"

#include <string>
#include <vector>

namespace sqlgrey::app {

enum class CtlAction { help, man, version, import_postgrey, import_maillog };

struct CtlLine {
    CtlAction action = CtlAction::help;
    std::string config_file = "/etc/sqlgrey/sqlgrey.conf";
    bool config_file_named = false;      // the admin gave -f
    std::vector<std::string> files;      // of an import; "-" is standard input
    bool dry_run = false;                // says what it would do
    importer::PostgreyOptions postgrey;  // how that was run
};

// Throws base::StartError with one sentence for what it does not understand.
CtlLine parse_ctl_line(int argc, const char* const* argv);

// What --help prints.
std::string ctl_help_text();

}  // namespace sqlgrey::app
