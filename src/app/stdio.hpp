// sqlgrey --stdio: the policy protocol on standard input and output.
#pragma once

#include "sqlgrey/config/command_line.hpp"

namespace sqlgrey::app {

// Serves one connection until standard input ends or nobody reads standard output; returns the exit status.
// Uses the settings and database of the daemon, but no sockets, pid file or mail to the administrator, and
// does not change its user: whatever starts it for each client, such as Postfix's spawn(8), has done so. At
// the end it cleans if that is due, for at most 5 s.
//
// Logs to syslog unless standard error is a terminal, because spawn(8) connects standard error to the client
// too. Throws nothing.
int serve_stdio(const config::CommandLine& command);

}  // namespace sqlgrey::app
