// Doing work with the rights and the environment of the daemon.
#pragma once

#include "sqlgrey/config/settings.hpp"

#include <functional>

namespace sqlgrey::setup {

// Sets the daemon's umask and environment: only its group can read the database and its journal (027), and
// PostgreSQL's `timestamp` columns are in the server's time zone (no PGTZ).
void set_environment();

// Changes from root to the daemon's user, if root started this process; includes set_environment(). Throws
// base::StartError if the account does not exist.
void become_daemon_user(const config::Settings& settings);

// Returns what `work` returns, from 0 to 255. If root started this process, `work` runs in a child that
// changes to the daemon's user, because dropped rights cannot be regained; an exception in it is printed on
// standard error and gives `failed`. Throws base::StartError if the account does not exist or no child can be
// started.
int run_as_daemon_user(const config::Settings& settings, const std::function<int()>& work, int failed);

}  // namespace sqlgrey::setup
