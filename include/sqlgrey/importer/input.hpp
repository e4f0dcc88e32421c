// The files an import reads.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/importer/text_file.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sqlgrey::importer {

// A file that is open for reading.
struct Input {
    std::string name;  // as given on the command line
    std::unique_ptr<TextFile> file;
    base::Time changed;  // no record in it is newer
};

// Opens all of them, in order, before any is read; "-" is standard input. Throws base::StartError for the
// first that cannot be opened.
std::vector<Input> open_inputs(const std::vector<std::string>& names, base::Time now);

}  // namespace sqlgrey::importer
