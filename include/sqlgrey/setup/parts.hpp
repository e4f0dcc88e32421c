// From the settings to what single modules work with. Both programs use it, so that both see the same
// database, clients and rules.
#pragma once

#include "sqlgrey/config/load.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/net/identity.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>

namespace sqlgrey::setup {

// Where the database is.
store::Target target_of(const config::Settings& settings);

greylist::Policy policy_of(const config::Settings& settings);

// Reads the pattern files of the smart method, and logs what is wrong with them.
net::IdentityRules identity_of(const config::Settings& settings, const log::Logger& logger);

// `foreground` is standard error too, with the time in front of each line, for a process that runs for long.
enum class LogTo { syslog, standard_error, foreground };
log::Logger logger_of(const config::Settings& settings, LogTo where);

// Logs the problems of sqlgrey.conf itself.
void log_problems(const log::Logger& logger, const std::vector<config::SettingsProblem>& problems);

}  // namespace sqlgrey::setup
