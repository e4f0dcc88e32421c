// The files an import reads.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/importer/text_file.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sqlgrey::importer {

struct Input {
    std::string name;  // for the admin
    std::unique_ptr<TextFile> file;
    base::Time changed;  // no record in it is younger
};

// Opens all of them, in their order, before anything is read; "-" is standard input. Throws base::StartError
// for the first that cannot be opened.
std::vector<Input> open_inputs(const std::vector<std::string>& names, base::Time now);

}  // namespace sqlgrey::importer
