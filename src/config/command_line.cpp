// The options of SQLgrey 1.8 and ours, with Boost.Program_options; --help from them and the table.
#include "sqlgrey/config/command_line.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/config/parameters.hpp"
#include "sqlgrey/log/logger.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include <boost/program_options.hpp>

namespace sqlgrey::config {
namespace {

namespace po = boost::program_options;

po::options_description options() {
    po::options_description all{"Options"};
    auto add = all.add_options();
    add("help,h", "print this and exit");
    add("man", "print the manual page and exit");
    add("version", "print the version and exit");
    add("daemonize,d", "run in the background, log to syslog");
    add("replace",
        "start, and take the place of the running daemon, which loses no connection and no request; if it "
        "fails, that one goes on");
    add("pidfile,p", po::value<std::string>()->value_name("FILE"),
        "use this pid file, not the configuration's");
    add("kill,k", "stop the running daemon");
    add("configfile,f", po::value<std::string>()->value_name("FILE"),
        "read this file, not /etc/sqlgrey/sqlgrey.conf");
    add("check-config",
        "read the configuration and the lists as the daemon's user, print each problem; exit 1 if one is an "
        "error");
    add("strict", "with --check-config: exit 1 for a warning too");
    add("check-database",
        "with --check-config: connect too, say what the start would do with the tables, change nothing");
    add("print-config", "print every parameter, its value and where it comes from");
    add("print-schema", "print the SQL that makes the tables");
    add("stdio", "serve one conversation on standard input and output (for Postfix's spawn(8))");
    return all;
}

po::variables_map read(int argc, const char* const* argv) {
    std::vector<std::string> words;
    for (int i = 1; i < argc; ++i) words.emplace_back(argv[i]);
    const po::options_description known = options();
    const auto parsed = po::command_line_parser(words).options(known).run();
    for (const po::option& option : parsed.options) {
        if (option.position_key < 0) continue;
        throw po::error("\"" + (option.value.empty() ? "" : option.value.front()) + "\" is not an option");
    }
    po::variables_map found;
    po::store(parsed, found);
    return found;
}

Action action_of(const po::variables_map& found) {
    constexpr std::pair<const char*, Action> actions[] = {{"help", Action::help},
                                                          {"man", Action::man},
                                                          {"version", Action::version},
                                                          {"kill", Action::kill},
                                                          {"check-config", Action::check_config},
                                                          {"print-config", Action::print_config},
                                                          {"print-schema", Action::print_schema},
                                                          {"stdio", Action::stdio}};
    for (const auto& [option, action] : actions) {
        if (found.count(option) > 0) return action;
    }
    return found.count("check-database") > 0 ? Action::check_config : Action::run;
}

std::string file_of(const po::variables_map& found, const char* option) {
    const auto path = found[option].as<std::string>();
    if (path.empty()) throw po::error("--" + std::string{option} + " needs the path of a file");
    std::error_code ignored;  // keep the path as given: opening it reports the reason
    const auto absolute = std::filesystem::absolute(path, ignored);
    return absolute.empty() ? path : absolute.string();
}

// "5 minutes (0 to 7d)", what follows the name in --help.
std::string brief(const Parameter& row) {
    std::string out{row.default_text};
    std::string facts{row.unit};
    if (!row.range.empty()) facts += (facts.empty() ? "" : "; ") + row.range;
    if (!facts.empty()) out += (out.empty() ? "(" : "  (") + facts + ")";
    return out;
}

// The text in lines of at most 78 columns, indented by six blanks.
std::string below_name(std::string_view text) {
    constexpr std::size_t room = 72;
    std::string out;
    while (!text.empty()) {
        std::size_t end = text.size();
        if (end > room) end = text.rfind(' ', room);
        if (end == std::string_view::npos) end = text.size();
        out += "      " + std::string{text.substr(0, end)} + '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
    try {
        const po::variables_map found = read(argc, argv);
        CommandLine line;
        line.action = action_of(found);
        line.check_database = found.count("check-database") > 0;
        line.daemonize = found.count("daemonize") > 0;
        line.replace = found.count("replace") > 0;
        if (line.replace && line.action != Action::run)
            throw po::error(
                "--replace starts a daemon, so it goes with --daemonize, --configfile and --pidfile only");
        line.strict = found.count("strict") > 0;
        if (line.strict && line.action != Action::check_config)
            throw po::error("--strict goes with --check-config");
        if (found.count("pidfile") > 0) line.pidfile = file_of(found, "pidfile");
        line.config_file_named = found.count("configfile") > 0;
        if (line.config_file_named) line.config_file = file_of(found, "configfile");
        return line;
    } catch (const po::error& error) {
        throw base::StartError(log::escape(error.what()) + "; sqlgrey --help lists the options");
    }
}

std::string help_text() {
    std::ostringstream out;
    out << "Usage: sqlgrey [options]\n"
           "Greylisting policy server for Postfix.\n\n"
        << options() << "\nParameters of sqlgrey.conf with their defaults (unit of a bare number; range):\n";
    std::string_view section;
    for (const Parameter& row : parameters()) {
        if (row.section != section) out << "\n" << (section = row.section) << "\n";
        out << "  " << row.name << " = " << brief(row) << '\n' << below_name(row.sentence);
        if (!row.note.empty()) out << below_name("(no effect: " + std::string{row.note} + ")");
    }
    return out.str();
}

}  // namespace sqlgrey::config
