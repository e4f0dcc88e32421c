// The command line (src/greylist/README.md section 11), --help.
#include "config_files.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/config/command_line.hpp"
#include "sqlgrey/config/parameters.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

using namespace sqlgrey::config;

namespace {

CommandLine parsed(std::vector<const char*> words) {
    words.insert(words.begin(), "sqlgrey");
    return parse_command_line(static_cast<int>(words.size()), words.data());
}

std::string refusal(std::vector<const char*> words) {
    try {
        parsed(std::move(words));
    } catch (const sqlgrey::base::StartError& error) {
        return error.what();
    }
    return "understood";
}

}  // namespace

TEST_CASE("no options: run in the foreground on the usual file") {
    REQUIRE(parsed({}) == CommandLine{});
    REQUIRE(parse_command_line(0, nullptr) == CommandLine{});
    REQUIRE(CommandLine{}.config_file == "/etc/sqlgrey/sqlgrey.conf");
}

TEST_CASE("strict goes with --check-config") {
    REQUIRE(parsed({"--check-config", "--strict"}).strict);
    REQUIRE_FALSE(parsed({"--check-config"}).strict);
    REQUIRE_THROWS_WITH(parsed({"--strict"}), Catch::Matchers::Contains("--strict goes with --check-config"));
    REQUIRE_THROWS_AS(parsed({"--strict", "--print-config"}), sqlgrey::base::StartError);
}

TEST_CASE("the options of SQLgrey 1.8 and ours, short and long") {
    REQUIRE(parsed({"-h"}).action == Action::help);
    REQUIRE(parsed({"--help"}).action == Action::help);
    REQUIRE(parsed({"--man"}).action == Action::man);
    REQUIRE(parsed({"--version"}).action == Action::version);
    REQUIRE(parsed({"-k"}).action == Action::kill);
    REQUIRE(parsed({"--kill"}).action == Action::kill);
    REQUIRE(parsed({"--check-config"}).action == Action::check_config);
    REQUIRE_FALSE(parsed({"--check-config"}).check_database);
    for (const auto& line : {parsed({"--check-config", "--check-database"}), parsed({"--check-database"})}) {
        REQUIRE(line.action == Action::check_config);
        REQUIRE(line.check_database);
    }
    REQUIRE(parsed({"--print-config"}).action == Action::print_config);
    REQUIRE(parsed({"--print-schema"}).action == Action::print_schema);
    REQUIRE(parsed({"--stdio"}).action == Action::stdio);
    REQUIRE(parsed({"-d"}).daemonize);
    REQUIRE(parsed({"--daemonize"}).daemonize);
    for (const auto& words : {std::vector<const char*>{"-p", "/run/p"},
                              {"-p/run/p"},
                              {"--pidfile=/run/p"},
                              {"--pidfile", "/run/p"}}) {
        REQUIRE(parsed(words).pidfile == "/run/p");
    }
    for (const auto& words :
         {std::vector<const char*>{"-f", "/etc/x"}, {"--configfile=/etc/x"}, {"--configfile", "/etc/x"}}) {
        REQUIRE(parsed(words).config_file == "/etc/x");
        REQUIRE(parsed(words).config_file_named);
    }
    REQUIRE(parsed({"-d", "-f", "/x", "--version", "-k"}).action == Action::version);
    REQUIRE(parsed({"--config", "/x"}).config_file == "/x");
}

TEST_CASE("relative files of the command line are made absolute") {
    const auto here = std::filesystem::current_path();
    REQUIRE(parsed({"-f", "x.conf"}).config_file == (here / "x.conf").string());
    REQUIRE(parsed({"-p", "run/pid"}).pidfile == (here / "run/pid").string());
}

TEST_CASE("an invalid command line is reported in one sentence") {
    REQUIRE(refusal({"--nope"}) == "unrecognised option '--nope'; sqlgrey --help lists the options");
    REQUIRE(refusal({"-x"}) == "unrecognised option '-x'; sqlgrey --help lists the options");
    REQUIRE(refusal({"start"}) == "\"start\" is not an option; sqlgrey --help lists the options");
    REQUIRE(refusal({"-p"}).find("the required argument for option '--pidfile' is missing") == 0);
    REQUIRE(refusal({"--pidfile="}).find("--pidfile") != std::string::npos);
    REQUIRE(refusal({"-f", ""}).find("--configfile") != std::string::npos);
    REQUIRE(refusal({"--help=yes"}).find("--help") != std::string::npos);
    REQUIRE(refusal({"--pri"}).find("is ambiguous") != std::string::npos);
    REQUIRE(refusal({"--a\nb"}).find('\n') == std::string::npos);
    REQUIRE(refusal({"--", "x"}) == "\"x\" is not an option; sqlgrey --help lists the options");
}

TEST_CASE("the help shows every parameter with its default and unit, in lines of at most 110 columns") {
    const std::string help = help_text();
    for (const Parameter& row : parameters()) {
        INFO(row.name);
        REQUIRE(help.find("\n  " + std::string{row.name} + " = " + std::string{row.default_text}) !=
                std::string::npos);
    }
    REQUIRE(help.find("reconnect_delay = 5  (min; 0 to 7d)\n") != std::string::npos);
    std::istringstream lines{help};
    for (std::string line; std::getline(lines, line);) REQUIRE(line.size() <= 110);
}
