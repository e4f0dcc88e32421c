// --check-database
#pragma once

#include "generation.hpp"

namespace sqlgrey::app {

// Looks at the database as the daemon's user: if root started this, in a child that becomes that user. Prints
// what the start would do on standard output, and what stands in the way on standard error. Gives 0, or 1 if
// the database cannot be used. Throws base::StartError if there is no such user.
int check_database(const config::Settings& settings);

}  // namespace sqlgrey::app
