// The settings in force, as text for the administrator.
#pragma once

#include "sqlgrey/config/load.hpp"

#include <string>

namespace sqlgrey::config {

// One line a parameter, "name = value  # origin", in the order of the sample file. It can be read as
// a sqlgrey.conf again and gives the same settings, but for secrets: those stand there commented out (with a
// db_dsn that holds a password its further options are gone, too).
std::string print_config(const LoadedSettings& loaded);

}  // namespace sqlgrey::config
