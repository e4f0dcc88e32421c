// --check-database
#pragma once

#include "sqlgrey/config/settings.hpp"

namespace sqlgrey::setup {

// Checks the database as the daemon's user. Prints what a start would do on standard output, and what
// prevents one on standard error. Returns the exit status: 1 if the database cannot be used. Throws
// base::StartError if the user does not exist.
int check_database(const config::Settings& settings);

}  // namespace sqlgrey::setup
