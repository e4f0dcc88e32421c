// The import commands of sqlgreyctl: files in, rows into the tables, an account of it out.
#pragma once

#include "ctl_line.hpp"

namespace sqlgrey::app {

// Started as root it becomes the daemon's user once the files are open, as the daemon would own what it
// makes. Gives the exit status. Throws base::StartError, greylist::StoreFailure; what was taken before
// that stays.
int run_import(const CtlLine& line);

}  // namespace sqlgrey::app
