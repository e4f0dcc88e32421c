// sqlgrey --stdio: the policy protocol on standard input and output.
#pragma once

#include "sqlgrey/config/command_line.hpp"

namespace sqlgrey::app {

// One conversation, until standard input ends or nobody reads standard output; gives the exit status. With
// the same settings and database as the daemon, but no sockets, no pid file, no mail to the admin, and as the
// user it was started by: a server that starts it for each of its clients, such as spawn(8) of Postfix, has
// seen to that. At the end it cleans, if that is due, for a few seconds at most.
//
// spawn(8) gives the client's connection as standard error too, so everything is logged to syslog, unless
// standard error is a terminal. Throws nothing.
int serve_stdio(const config::CommandLine& command);

}  // namespace sqlgrey::app
