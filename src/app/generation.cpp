#include "generation.hpp"

#include "sqlgrey/setup/rules.hpp"

#include <algorithm>
#include <thread>

namespace sqlgrey::app {

Generation make_generation(const config::Settings& settings, setup::LogTo where) {
    auto logger = std::make_shared<const log::Logger>(setup::logger_of(settings, where));
    return {settings, setup::rules_of(settings, *logger), setup::lists_of(settings, *logger),
            setup::target_of(settings), logger};
}

int workers_of(const config::Settings& settings) {
    if (settings.workers > 0) return settings.workers;
    return std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace sqlgrey::app
