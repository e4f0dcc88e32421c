// What one generation of children works with: the settings, and all that is made of them. Each reload makes a
// new one.
#pragma once

#include "sqlgrey/config/settings.hpp"
#include "sqlgrey/lists/lists.hpp"
#include "sqlgrey/log/logger.hpp"
#include "sqlgrey/service/rules.hpp"
#include "sqlgrey/setup/parts.hpp"
#include "sqlgrey/store/target.hpp"

#include <memory>

namespace sqlgrey::app {

struct Generation {
    config::Settings settings;
    service::Rules rules;
    std::shared_ptr<const lists::Lists> lists;  // the static files: read once, shared by all children
    store::Target target;
    std::shared_ptr<const log::Logger> logger;
};

// Reads the lists, the pattern files and discrimination.regexp too, and logs their problems.
Generation make_generation(const config::Settings& settings, setup::LogTo where);

// The number of workers that the settings ask for.
int workers_of(const config::Settings& settings);

}  // namespace sqlgrey::app
