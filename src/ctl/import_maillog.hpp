// sqlgreyctl import maillog
#pragma once

#include "command.hpp"

namespace sqlgrey::ctl {

po::options_description import_maillog_options();
int import_maillog(const Invocation& invocation);

}  // namespace sqlgrey::ctl
