// The command lines of the programs that measure.
#pragma once

#include <cstdlib>
#include <iostream>

#include <boost/program_options.hpp>

namespace sqlgrey::bench {

// Puts what was typed where the options of `description` say; --help, one of them, prints them and leaves.
// Throws boost::program_options::error.
inline void parse(int argc, char** argv, const boost::program_options::options_description& description) {
    namespace po = boost::program_options;
    po::variables_map given;
    po::store(po::parse_command_line(argc, argv, description), given);
    po::notify(given);
    if (given.count("help") == 0) return;
    std::cout << description;
    std::exit(0);
}

}  // namespace sqlgrey::bench
