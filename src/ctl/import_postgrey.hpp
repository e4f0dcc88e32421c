// sqlgreyctl import postgrey
#pragma once

#include "command.hpp"

namespace sqlgrey::ctl {

po::options_description import_postgrey_options();
int import_postgrey(const Invocation& invocation);

}  // namespace sqlgrey::ctl
