#include "sqlgrey/app/ctl.hpp"

#include "ctl_line.hpp"
#include "ctl_manual.hpp"
#include "import.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/config/manual.hpp"
#include "version.hpp"

#include <iostream>

namespace sqlgrey::app {
namespace {

int say(const std::string& text) {
    std::cout << text << std::flush;
    return 0;
}

int carry_out(const CtlLine& line) {
    switch (line.action) {
        case CtlAction::help:
            return say(ctl_help_text());
        case CtlAction::man:
            return say(config::plain_text(ctl_manual().front().text));
        case CtlAction::version:
            return say(std::string{"sqlgreyctl "} + program_version + "\n");
        case CtlAction::import_postgrey:
        case CtlAction::import_maillog:
            break;
    }
    return run_import(line);
}

}  // namespace

int run_ctl(int argc, const char* const* argv) {
    CtlLine line;
    try {
        line = parse_ctl_line(argc, argv);
    } catch (const base::StartError& error) {
        std::cerr << "sqlgreyctl: " << error.what() << "\n";
        return 2;
    }
    try {
        return carry_out(line);
    } catch (const std::exception& error) {
        std::cerr << "sqlgreyctl: " << error.what() << "\n";
        return 1;
    }
}

}  // namespace sqlgrey::app
