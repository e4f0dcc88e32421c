// From the settings to what decides a request: the rules, and the lists.
#pragma once

#include "sqlgrey/config/settings.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/service/rules.hpp"

#include <memory>

namespace sqlgrey::setup {

// Reads the pattern files and discrimination.regexp too, and logs their problems.
service::Rules rules_of(const config::Settings& settings, const log::Logger& logger);

// Reads the static list files and those that settings name, and logs their problems.
std::shared_ptr<const lists::Lists> lists_of(const config::Settings& settings, const log::Logger& logger);

}  // namespace sqlgrey::setup
