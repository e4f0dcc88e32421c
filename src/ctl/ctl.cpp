#include "sqlgrey/ctl/ctl.hpp"

#include "command_line.hpp"
#include "ctl_manual.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/setup/manual_page.hpp"
#include "version.hpp"

#include <iostream>

#include <boost/program_options/errors.hpp>

namespace sqlgrey::ctl {
namespace {

int print(const std::string& text) {
    std::cout << text << std::flush;
    return 0;
}

int answer(General asked) {
    switch (asked) {
        case General::help:
            return print(help_text());
        case General::man:
            return setup::show_manual(ctl_manual().front().text, "sqlgreyctl(8)");
        case General::version:
            break;
    }
    return print(std::string{"sqlgreyctl "} + program_version + "\n");
}

}  // namespace

int run_ctl(int argc, const char* const* argv) {
    try {
        const auto asked = parse_command_line(argc, argv);
        if (const General* general = std::get_if<General>(&asked)) return answer(*general);
        const CommandCall& call = std::get<CommandCall>(asked);
        return call.command.run(call.invocation);
    } catch (const po::error& error) {
        std::cerr << "sqlgreyctl: " << log::escape(error.what())
                  << "; sqlgreyctl --help lists commands and options\n";
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "sqlgreyctl: " << error.what() << "\n";
        return 1;
    }
}

}  // namespace sqlgrey::ctl
