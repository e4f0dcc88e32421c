// --check-database
#pragma once

#include "sqlgrey/config/settings.hpp"

namespace sqlgrey::setup {

// Looks at the database as the daemon's user. Prints what the start would do on standard output, and what
// stands in the way on standard error. Gives the exit status: 0, or 1 if the database cannot be used. Throws
// base::StartError if there is no such user.
int check_database(const config::Settings& settings);

}  // namespace sqlgrey::setup
