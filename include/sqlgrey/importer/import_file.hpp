// One file from its first byte to the rows of its last record.
#pragma once

#include "sqlgrey/importer/batch_writer.hpp"
#include "sqlgrey/importer/input.hpp"

#include <string>

namespace sqlgrey::importer {

// The result of one file.
struct FileResult {
    bool held_records = false;  // it is what it should be
    std::string error{};    // half a sentence behind the file's name: it is none, or a part of it is missing
    std::string warning{};  // the same, where nothing is missing
};

// Both throw greylist::StoreFailure; the writer may hold rows that are to be flushed.
//   The text that db_dump makes of a database of postgrey.
FileResult import_dump(const Input& input, const PostgreyOptions& source, const TargetRules& target,
                       BatchWriter& writer);
//   A mail log.
FileResult import_log(const Input& input, const TargetRules& target, BatchWriter& writer);

}  // namespace sqlgrey::importer
