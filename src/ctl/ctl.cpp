#include "sqlgrey/ctl/ctl.hpp"

#include "command_line.hpp"
#include "ctl_manual.hpp"
#include "help.hpp"
#include "sqlgrey/greylist/store.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/setup/manual_page.hpp"
#include "version.hpp"

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <string_view>

namespace sqlgrey::ctl {
namespace {

int print(const std::string& text) {
    std::cout << text << std::flush;
    return std::cout ? done : failed;
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
    const int status = call.command.run(call.invocation);
    if (!(std::cout << std::flush)) throw std::runtime_error("standard output cannot be written");
    return status;
}

// The command, even of a command line that cannot be parsed; null if its first word is no command.
const Command* first_command(int argc, const char* const* argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "-f" || word == "--config" || word == "--configfile") ++i;
        if (word.starts_with('-')) continue;
        const auto found =
            std::ranges::find_if(commands(), [&](const Command& command) { return command.name == word; });
        return found == commands().end() ? nullptr : &*found;
    }
    return nullptr;
}

int refuse(const std::string& why, const Command* command) {
    if (command && command->refuse) return command->refuse(why);
    std::cerr << "sqlgreyctl: " << log::escape(why) << "; sqlgreyctl --help lists commands and options\n";
    return usage;
}

// A message may quote a long argument.
std::string shortened(std::string_view text) {
    constexpr std::size_t longest = 1000;
    return std::string{text.substr(0, longest)} + (text.size() > longest ? " ..." : "");
}

}  // namespace

int run_ctl(int argc, const char* const* argv) {
    const auto say = [](const char* text) {
        std::cerr << "sqlgreyctl: " << log::escape(shortened(text)) << "\n";
    };
    try {
        return run(argc, argv);
    } catch (const UsageError& error) {
        return refuse(shortened(error.what()), first_command(argc, argv));
    } catch (const greylist::StoreUnavailable& error) {
        say(error.what());
        return unavailable;
    } catch (const std::exception& error) {
        say(error.what());
        return failed;
    }
}

}  // namespace sqlgrey::ctl
