// The settings of one generation of children and everything made from them. Each reload makes a new one.
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
    std::shared_ptr<const lists::Lists> lists;  // the static files; read once for all children
    store::Target target;
    std::shared_ptr<const log::Logger> logger;
};

// Also reads the lists, the pattern files and discrimination.regexp, and logs their problems.
Generation make_generation(const config::Settings& settings, setup::LogTo where);

// The number of workers: `workers`, or if that is 0 one for each CPU, at least 2.
int workers_of(const config::Settings& settings);

}  // namespace sqlgrey::app
