// From the settings to the rules and lists that decide a request.
#pragma once

#include "sqlgrey/config/settings.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/service/rules.hpp"

#include <memory>

namespace sqlgrey::setup {

// Also reads the pattern files and discrimination.regexp, and logs their problems.
service::Rules rules_of(const config::Settings& settings, const log::Logger& logger);

// Reads the shipped list files and those named in the settings, and logs their problems.
std::shared_ptr<const lists::Lists> lists_of(const config::Settings& settings, const log::Logger& logger);

}  // namespace sqlgrey::setup
