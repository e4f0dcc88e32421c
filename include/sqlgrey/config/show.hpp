// The settings in force, as text.
#pragma once

#include "sqlgrey/config/load.hpp"

#include <string>

namespace sqlgrey::config {

// One line per parameter, "name = value  # origin", in the order of the sample file. Read as a sqlgrey.conf
// it gives the same settings, except for secrets, which are commented out (together with the other options of
// a db_dsn that contains a password).
std::string print_config(const LoadedSettings& loaded);

}  // namespace sqlgrey::config
