// Doing something as the daemon does it: with its rights and its environment.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <functional>

namespace sqlgrey::setup {

// Sets the environment and the umask of the daemon: the database and its journal are readable by its
// group only (027); PostgreSQL's `timestamp` columns are in the server's time zone, not in ours (no PGTZ).
void set_environment();

// Gives up root's rights for those of the daemon's user, if root started this process; set_environment() is
// in it. Throws base::StartError if there is no such account.
void become_daemon_user(const config::Settings& settings);

// Gives what `work` gives, from 0 to 255. If root started this process, `work` runs in a child that becomes
// the daemon's user, because a process that has given up root's rights cannot have them back; an exception
// in it is printed on standard error and counts as `failed`. Throws base::StartError if there is no such
// account or no child to be had.
int run_as_daemon_user(const config::Settings& settings, const std::function<int()>& work, int failed);

}  // namespace sqlgrey::setup
