#include "sqlgrey/ctl/ctl.hpp"

#include "command_line.hpp"
#include "ctl_manual.hpp"
#include "help.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/setup/manual_page.hpp"
#include "version.hpp"

#include <iostream>

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
        case General::completion:
            return print(completion_script());
        case General::version:
            break;
    }
    return print(std::string{"sqlgreyctl "} + program_version + "\n");
}

int run(int argc, const char* const* argv) {
    const auto asked = parse_command_line(argc, argv);
    if (const General* general = std::get_if<General>(&asked)) return answer(*general);
    if (const CommandHelp* help = std::get_if<CommandHelp>(&asked)) return print(help_text(help->command));
    const CommandCall& call = std::get<CommandCall>(asked);
    return call.command.run(call.invocation);
}

}  // namespace

int run_ctl(int argc, const char* const* argv) {
    const auto say = [](const char* text) { std::cerr << "sqlgreyctl: " << log::escape(text); };
    try {
        return run(argc, argv);
    } catch (const UsageError& error) {
        say(error.what());
        std::cerr << "; sqlgreyctl --help lists commands and options\n";
        return usage;
    } catch (const greylist::StoreUnavailable& error) {
        say(error.what());
        std::cerr << "\n";
        return unavailable;
    } catch (const std::exception& error) {
        say(error.what());
        std::cerr << "\n";
        return failed;
    }
}

}  // namespace sqlgrey::ctl
