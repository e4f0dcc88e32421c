#include "command_line.hpp"

#include "sqlgrey/base/control_character.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/log/logger.hpp"

#include <algorithm>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/variables_map.hpp>

namespace sqlgrey::ctl {
namespace {

namespace po = boost::program_options;
namespace style = boost::program_options::command_line_style;
using Words = std::vector<std::string>;

constexpr std::size_t longest_value = 1024;  // bytes; file names and log lines may be longer
constexpr const char* standard_file = "/etc/sqlgrey/sqlgrey.conf";

void add(po::options_description& all, const Option& option, const std::string& names) {
    if (all.find_nothrow(option.name, false)) return;
    if (option.value)
        all.add_options()(names.c_str(), po::value<std::string>());
    else
        all.add_options()(names.c_str(), "");
}

po::options_description general() {
    po::options_description all;
    for (const GeneralOption& one : general_options())
        add(all, one.option,
            one.letter ? one.option.name + std::string{","} + one.letter : std::string{one.option.name});
    all.add_options()("configfile", po::value<std::string>());  // the name of --config before 2.0.0
    return all;
}

void add_options_of(po::options_description& all, const Command& command) {
    for (const Option& option : command.options) add(all, option, option.name);
}

enum class Unknown { refused, skipped };

// Option names must not be abbreviated: an option added later could change the meaning of an abbreviation.
po::variables_map read(const Words& arguments, const po::options_description& options, Unknown unknown) {
    po::options_description words;
    words.add_options()("words", po::value<Words>());
    po::options_description all;
    all.add(options).add(words);
    po::positional_options_description positions;
    positions.add("words", -1);
    po::command_line_parser parser(arguments);
    parser.options(all).positional(positions).style(style::unix_style & ~style::allow_guessing);
    if (unknown == Unknown::skipped) parser.allow_unregistered();
    po::variables_map found;
    po::store(parser.run(), found);
    return found;
}

Words words_of(const po::variables_map& found) {
    return found.count("words") > 0 ? found["words"].as<Words>() : Words{};
}

std::size_t words_in(const Command& command) {
    return std::string_view{command.name}.find(' ') == std::string_view::npos ? 1 : 2;
}

bool begins_with(const Words& words, const Command& command) {
    const std::size_t own = words_in(command);
    if (words.size() < own) return false;
    return base::joined(std::span(words).first(own), " ") == command.name;
}

// Options may precede the command. "import postgrey" is found before "import".
const Command* find_command(const Words& words) {
    const Command* found = nullptr;
    for (const Command& command : commands())
        if (begins_with(words, command) && (!found || words_in(command) > words_in(*found))) found = &command;
    return found;
}

[[noreturn]] void refuse(const Words& words) {
    if (words.empty()) throw UsageError("there is no command");
    throw UsageError("\"" + words[0] + (words.size() > 1 ? " " + words[1] : "") + "\" is no command");
}

bool has_control_character(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

// `name` is for the message; `kind` is Option::value or Command::arguments.
void check_value(const std::string& name, std::string_view kind, const std::string& value) {
    if (kind.starts_with("FILE") || kind.starts_with("LINE")) return;
    if (value.size() > longest_value)
        throw UsageError(name + " is longer than " + std::to_string(longest_value) + " bytes");
    if (has_control_character(value))
        throw UsageError(name + " holds a control character (a line end, say), which none of our values has");
    const Words choices = choices_of(kind);
    if (!choices.empty() && std::ranges::find(choices, value) == choices.end())
        throw UsageError(name + " is \"" + value + "\", expected one of " + base::joined(choices, ", "));
}

void check_arguments(const Command& command, const Words& arguments) {
    const std::string_view kind = command.arguments;
    const bool any_number = kind.ends_with("...");
    const std::size_t least = kind.empty() || kind.starts_with("[") ? 0 : 1;
    if (arguments.size() < least)
        throw UsageError(std::string{command.name} + ": expected " + std::string{kind} + " after it");
    if (kind.empty() && !arguments.empty())
        throw UsageError(std::string{command.name} + " takes no argument, but \"" + arguments[0] +
                         "\" comes after it");
    if (!any_number && arguments.size() > 1)
        throw UsageError(std::string{command.name} + " takes one " + std::string{kind} + ", and \"" +
                         arguments[1] + "\" is one more");
    for (const std::string& argument : arguments)
        check_value(std::string{"the argument of "} + command.name,
                    kind.starts_with("[") ? kind.substr(1) : kind, argument);
}

Invocation invocation_of(const Command& command, const Words& arguments) {
    po::options_description options = general();
    add_options_of(options, command);
    const po::variables_map found = read(arguments, options, Unknown::refused);
    Invocation invocation;
    invocation.command = command.name;
    for (const char* name : {"config", "configfile"}) {
        if (found.count(name) == 0) continue;
        if (invocation.config_file_named) throw UsageError("--config is given twice");
        invocation.config_file_named = true;
        invocation.config_file = found[name].as<std::string>();
    }
    if (!invocation.config_file_named) invocation.config_file = standard_file;
    for (const Option& option : command.options) {
        if (found.count(option.name) == 0) continue;
        const std::string value = option.value ? found[option.name].as<std::string>() : "";
        if (option.value) check_value(std::string{"--"} + option.name, option.value, value);
        invocation.values.emplace(option.name, value);
    }
    const Words words = words_of(found);
    invocation.arguments.assign(words.begin() + static_cast<std::ptrdiff_t>(words_in(command)), words.end());
    check_arguments(command, invocation.arguments);
    return invocation;
}

std::optional<General> general_of(const po::variables_map& found) {
    for (const auto& [name, asked] : {std::pair{"help", General::help},
                                      {"man", General::man},
                                      {"version", General::version},
                                      {"completion", General::completion}})
        if (found.count(name) > 0) return asked;
    return {};
}

std::variant<General, CommandHelp, CommandCall> parse(const Words& arguments) {
    po::options_description all = general();
    for (const Command& command : commands()) add_options_of(all, command);
    const po::variables_map found = read(arguments, all, Unknown::skipped);
    const std::optional<General> asked = general_of(found);
    const Command* command = find_command(words_of(found));
    if (asked == General::help && command) return CommandHelp{*command};
    if (asked) return *asked;
    // Without a command, an unknown option is the first mistake to report.
    if (!command) refuse(words_of(read(arguments, all, Unknown::refused)));
    return CommandCall{*command, invocation_of(*command, arguments)};
}

}  // namespace

std::optional<std::string> Invocation::value(std::string_view option) const {
    const auto found = values.find(option);
    if (found == values.end()) return {};
    return found->second;
}

std::string Invocation::value_or(std::string_view option, std::string_view otherwise) const {
    return value(option).value_or(std::string{otherwise});
}

std::vector<std::string> choices_of(std::string_view value) {
    if (value.find('|') == std::string_view::npos) return {};
    std::vector<std::string> words;
    while (true) {
        const std::size_t end = std::min(value.find('|'), value.size());
        words.emplace_back(value.substr(0, end));
        if (end == value.size()) return words;
        value.remove_prefix(end + 1);
    }
}

std::span<const GeneralOption> general_options() {
    static constexpr GeneralOption all[] = {
        {{"help", nullptr, "print this and exit; after a command: what that takes"}, 'h'},
        {{"man", nullptr, "show the manual page and exit"}, 0},
        {{"version", nullptr, "print the version and exit"}, 0},
        {{"completion", nullptr, "print the script with which bash completes commands, and exit"}, 0},
        {{"config", "FILE", "read this file, not /etc/sqlgrey/sqlgrey.conf"}, 'f'}};
    return all;
}

std::variant<General, CommandHelp, CommandCall> parse_command_line(int argc, const char* const* argv) {
    try {
        return parse(Words(argv + std::min(argc, 1), argv + argc));
    } catch (const po::error& error) {
        throw UsageError(error.what());
    }
}

}  // namespace sqlgrey::ctl
