// From the settings to the objects of single modules. Both programs use it, so they see the same database,
// clients and rules.
#pragma once

#include "sqlgrey/config/load.hpp"
#include "sqlgrey/greylist/decide.hpp"
#include "sqlgrey/lists/discrimination.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/net/identity.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>

namespace sqlgrey::setup {

// The database and its options.
store::Target target_of(const config::Settings& settings);

// The parameters of the rules.
greylist::Policy policy_of(const config::Settings& settings);

// The rules of discrimination.regexp, with all problems: also a warning of rules that need p0f without it.
lists::LoadedDiscrimination discrimination_in(const config::Settings& settings);

// True if the pattern files of the method smart are needed: for that, or for tarpit_when = dynamic.
bool uses_smart_patterns(const config::Settings& settings);

// Reads these files if they are needed, and logs their problems.
net::IdentityRules identity_of(const config::Settings& settings, const log::Logger& logger);

// `foreground` is standard error with the time in front of each line, for a long-running process.
enum class LogTo { syslog, standard_error, foreground };
// A logger with the levels and the name in the settings; in log_format, but on a command's standard error
// classic.
log::Logger logger_of(const config::Settings& settings, LogTo where);

// Logs the problems of sqlgrey.conf itself.
void log_problems(const log::Logger& logger, const std::vector<config::SettingsProblem>& problems);

}  // namespace sqlgrey::setup
