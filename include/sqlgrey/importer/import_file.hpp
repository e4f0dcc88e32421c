// Imports one file, from its bytes to the rows of its records.
#pragma once

#include "sqlgrey/importer/batch_writer.hpp"
#include "sqlgrey/importer/input.hpp"

#include <string>

namespace sqlgrey::importer {

// What came of one file.
struct FileResult {
    bool has_records = false;  // it contained what it should
    // Half a sentence to follow the file's name: it is something else, or part of it is missing.
    std::string error{};
    std::string warning{};  // likewise, if nothing is missing
};

// Both throw greylist::StoreFailure; afterwards the writer may hold rows that flush() must write.
//   A dump of a database of postgrey.
FileResult import_dump(const Input& input, const PostgreyOptions& source, const TargetRules& target,
                       BatchWriter& writer);
//   A mail log.
FileResult import_log(const Input& input, const TargetRules& target, BatchWriter& writer);

}  // namespace sqlgrey::importer
