// A command of sqlgreyctl: one row of the table, and one file.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

namespace sqlgrey::ctl {

namespace po = boost::program_options;

// What was typed.
struct Invocation {
    std::string config_file;
    bool config_file_named = false;      // with -f
    std::vector<std::string> arguments;  // behind the words of the command
    po::variables_map options;           // those of the command
};

struct Command {
    std::array<const char*, 2> words;
    const char* arguments;  // for --help: "FILE..."
    const char* sentence;
    // The options that it takes beside the general ones (--configfile and those that end at once).
    po::options_description (*options)();
    // Gives the exit status. Throws po::error for options and arguments that it cannot take, base::StartError
    // and greylist::StoreFailure for what keeps it from its work.
    int (*run)(const Invocation&);
};

// All commands, in the order in which --help shows them. A new one is a row in commands.cpp and a file.
std::span<const Command> commands();

}  // namespace sqlgrey::ctl
