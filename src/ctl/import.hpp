// What `import postgrey` and `import maillog` have in common: read files, write rows, print a report.
#pragma once

#include "command.hpp"
#include "sqlgrey/importer/import_file.hpp"

#include <functional>

namespace sqlgrey::ctl {

using ImportFile = std::function<importer::FileResult(const importer::Input&, const importer::TargetRules&,
                                                      importer::BatchWriter&)>;

// Started as root, becomes the daemon's user after opening the files, so that the daemon owns the database
// files it makes. Returns the exit status: 0 if some file held records and all files were read whole, else 1.
// Throws UsageError, base::StartError, greylist::StoreFailure; rows already written stay.
int run_import(const Invocation& invocation, const ImportFile& import_file);

}  // namespace sqlgrey::ctl
