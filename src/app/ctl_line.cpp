#include "ctl_line.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/log/logger.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include <boost/program_options.hpp>

namespace sqlgrey::app {
namespace {

namespace po = boost::program_options;

struct Command {
    std::array<const char*, 2> words;
    CtlAction action;
    const char* sentence;
};

constexpr std::array<Command, 2> commands{{{{"import", "postgrey"},
                                            CtlAction::import_postgrey,
                                            "take over what postgrey knows, from db_dump's text"},
                                           {{"import", "maillog"},
                                            CtlAction::import_maillog,
                                            "trust those whose mail a mail log says was accepted"}}};

po::options_description general_options() {
    po::options_description all{"Options"};
    auto add = all.add_options();
    add("help,h", "print this and exit");
    add("man", "print the manual page and exit");
    add("version", "print the version and exit");
    add("configfile,f", po::value<std::string>()->value_name("FILE"),
        "read this file, not /etc/sqlgrey/sqlgrey.conf");
    add("dry-run", "import: write nothing, say what would be written");
    return all;
}

po::options_description postgrey_options() {
    po::options_description all{"How postgrey was run (import postgrey)"};
    auto add = all.add_options();
    add("delay", po::value<long long>()->value_name("SECONDS")->default_value(300),
        "its --delay: who was seen again after that has passed");
    add("lookup-by-host", "it kept whole addresses");
    add("ipv4cidr", po::value<int>()->value_name("N")->default_value(24), "it kept networks of that length");
    add("ipv6cidr", po::value<int>()->value_name("N")->default_value(64), "the same for IPv6");
    add("auto-whitelist-clients", po::value<long long>()->value_name("N")->default_value(5),
        "it trusted a client after so many; 0: never");
    return all;
}

po::variables_map read(const std::vector<std::string>& arguments) {
    po::options_description words;
    words.add_options()("words", po::value<std::vector<std::string>>());
    po::options_description all;
    all.add(general_options()).add(postgrey_options()).add(words);
    po::positional_options_description positions;
    positions.add("words", -1);
    po::variables_map found;
    po::store(po::command_line_parser(arguments).options(all).positional(positions).run(), found);
    return found;
}

template <typename Number>
Number within(const po::variables_map& found, const char* name, Number least, Number most) {
    const Number number = found[name].as<Number>();
    if (number < least || number > most)
        throw po::error("--" + std::string{name} + " " + std::to_string(number) + " is not from " +
                        std::to_string(least) + " to " + std::to_string(most));
    return number;
}

importer::PostgreyOptions postgrey_of(const po::variables_map& found) {
    importer::PostgreyOptions options;
    options.lookup_by_host = found.count("lookup-by-host") > 0;
    options.ipv4cidr = within(found, "ipv4cidr", 1, 32);
    options.ipv6cidr = within(found, "ipv6cidr", 1, 128);
    options.delay = base::Seconds{within(found, "delay", 0LL, 7 * 86400LL)};
    options.auto_whitelist_clients = within(found, "auto-whitelist-clients", 0LL, 1'000'000LL);
    return options;
}

// Finds the command in the first words and takes them off.
CtlAction take_command(std::vector<std::string>& words) {
    if (words.empty()) throw po::error("there is no command");
    for (const Command& command : commands) {
        if (words.size() < command.words.size() ||
            !std::equal(command.words.begin(), command.words.end(), words.begin()))
            continue;
        words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(command.words.size()));
        return command.action;
    }
    throw po::error("\"" + words[0] + (words.size() > 1 ? " " + words[1] : "") + "\" is no command");
}

CtlLine line_of(const po::variables_map& found) {
    CtlLine line;
    line.config_file_named = found.count("configfile") > 0;
    if (line.config_file_named) line.config_file = found["configfile"].as<std::string>();
    for (const auto& [name, action] :
         {std::pair{"help", CtlAction::help}, {"man", CtlAction::man}, {"version", CtlAction::version}}) {
        line.action = action;
        if (found.count(name) > 0) return line;
    }
    if (found.count("words") > 0) line.files = found["words"].as<std::vector<std::string>>();
    line.action = take_command(line.files);
    line.dry_run = found.count("dry-run") > 0;
    line.postgrey = postgrey_of(found);
    if (line.files.empty()) throw po::error("there is no file to import; - is standard input");
    return line;
}

}  // namespace

CtlLine parse_ctl_line(int argc, const char* const* argv) {
    std::vector<std::string> arguments;
    for (int i = 1; i < argc; ++i) arguments.emplace_back(argv[i]);
    try {
        return line_of(read(arguments));
    } catch (const po::error& error) {
        throw base::StartError(log::escape(error.what()) + "; sqlgreyctl --help lists commands and options");
    }
}

std::string ctl_help_text() {
    std::ostringstream out;
    out << "Usage: sqlgreyctl [options] command\nFor the administrator of sqlgrey.\n\nCommands:\n";
    for (const Command& command : commands)
        out << "  " << command.words[0] << " " << command.words[1] << " FILE...\n      " << command.sentence
            << "\n";
    out << "\n" << general_options() << "\n" << postgrey_options();
    return out.str();
}

}  // namespace sqlgrey::app
