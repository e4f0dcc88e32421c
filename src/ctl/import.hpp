// What the import commands have in common: files in, rows into the tables, a report of it out.
#pragma once

#include "command.hpp"
#include "sqlgrey/importer/import_file.hpp"

#include <functional>

namespace sqlgrey::ctl {

using ImportFile = std::function<importer::FileResult(const importer::Input&, const importer::TargetRules&,
                                                      importer::BatchWriter&)>;

// Started as root it becomes the daemon's user once the files are open, as the daemon is to own what is made.
// Gives the exit status: 0 if some file held records and no part of any is missing. Throws UsageError,
// base::StartError, greylist::StoreFailure; rows that were written before that stay.
int run_import(const Invocation& invocation, const ImportFile& import_file);

}  // namespace sqlgrey::ctl
