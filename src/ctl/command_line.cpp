#include "command_line.hpp"

#include <algorithm>
#include <sstream>

#include <boost/program_options/parsers.hpp>

namespace sqlgrey::ctl {
namespace {

using Words = std::vector<std::string>;

po::options_description general_options() {
    po::options_description all{"Options"};
    auto add = all.add_options();
    add("help,h", "print this and exit");
    add("man", "show the manual page and exit");
    add("version", "print the version and exit");
    add("configfile,f", po::value<std::string>()->value_name("FILE"),
        "read this file, not /etc/sqlgrey/sqlgrey.conf");
    return all;
}

enum class Unknown { refused, skipped };

// `options` is what may stand beside the general options. An option that is skipped is none of them.
po::variables_map read(const Words& arguments, const po::options_description& options, Unknown unknown) {
    po::options_description words;
    words.add_options()("words", po::value<Words>());
    po::options_description all;
    all.add(general_options()).add(options).add(words);
    po::positional_options_description positions;
    positions.add("words", -1);
    po::command_line_parser parser(arguments);
    parser.options(all).positional(positions);
    if (unknown == Unknown::skipped) parser.allow_unregistered();
    po::variables_map found;
    po::store(parser.run(), found);
    return found;
}

Words words_of(const po::variables_map& found) {
    return found.count("words") > 0 ? found["words"].as<Words>() : Words{};
}

bool begins_with(const Words& words, const Command& command) {
    return words.size() >= command.words.size() &&
           std::equal(command.words.begin(), command.words.end(), words.begin());
}

// Options may stand in front of the command, and only the command says which of them have a value.
const Command* find_command(const Words& arguments) {
    for (const Command& command : commands()) {
        const po::variables_map found = read(arguments, command.options(), Unknown::skipped);
        if (begins_with(words_of(found), command)) return &command;
    }
    return nullptr;
}

[[noreturn]] void refuse(const Words& arguments) {
    const Words words = words_of(read(arguments, {}, Unknown::refused));
    if (words.empty()) throw po::error("there is no command");
    throw po::error("\"" + words[0] + (words.size() > 1 ? " " + words[1] : "") + "\" is no command");
}

Invocation invocation_of(const Command& command, const Words& arguments) {
    Invocation invocation;
    invocation.options = read(arguments, command.options(), Unknown::refused);
    invocation.config_file_named = invocation.options.count("configfile") > 0;
    invocation.config_file = invocation.config_file_named ? invocation.options["configfile"].as<std::string>()
                                                          : "/etc/sqlgrey/sqlgrey.conf";
    const Words words = words_of(invocation.options);
    invocation.arguments.assign(words.begin() + static_cast<std::ptrdiff_t>(command.words.size()),
                                words.end());
    return invocation;
}

}  // namespace

std::variant<General, CommandCall> parse_command_line(int argc, const char* const* argv) {
    const Words arguments(argv + std::min(argc, 1), argv + argc);
    const po::variables_map general = read(arguments, {}, Unknown::skipped);
    for (const auto& [name, asked] :
         {std::pair{"help", General::help}, {"man", General::man}, {"version", General::version}})
        if (general.count(name) > 0) return asked;
    const Command* command = find_command(arguments);
    if (!command) refuse(arguments);
    return CommandCall{*command, invocation_of(*command, arguments)};
}

std::string help_text() {
    std::ostringstream out;
    out << "Usage: sqlgreyctl [options] command\nFor the administrator of sqlgrey.\n\nCommands:\n";
    for (const Command& command : commands())
        out << "  " << command.words[0] << " " << command.words[1] << " " << command.arguments << "\n      "
            << command.sentence << "\n";
    out << "\n" << general_options();
    for (const Command& command : commands())
        if (const auto options = command.options(); !options.options().empty()) out << "\n" << options;
    return out.str();
}

}  // namespace sqlgrey::ctl
