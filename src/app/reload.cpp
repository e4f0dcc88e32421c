#include "reload.hpp"

#include "sqlgrey/config/parameters.hpp"

#include <utility>

#include <signal.h>

namespace sqlgrey::app {

Reload::Reload(config::CommandLine command, config::Overrides overrides,
               std::shared_ptr<const Generation> first, setup::LogTo where, SharedState& shared,
               MetricsListeners metrics_listeners)
    : command_(std::move(command)),
      overrides_(std::move(overrides)),
      current_(std::move(first)),
      where_(where),
      shared_(shared),
      metrics_listeners_(std::move(metrics_listeners)) {
}

std::optional<process::Plan> Reload::operator()(int signal_number) {
    config::Settings settings = current_->settings;
    metrics::DaemonCounters& counters = shared_.counters.daemon;
    if (signal_number == SIGHUP && !read_settings(settings)) {
        counters.refused_reloads.add();
        return {};
    }
    process::Plan plan = next_plan(settings);
    counters.reloads.add();
    counters.reloaded_at.set(base::epoch(base::SystemClock().now()));
    return plan;
}

process::Plan Reload::next_plan(const config::Settings& settings) {
    current_ = std::make_shared<const Generation>(make_generation(settings, where_));
    current_->logger->write(log::Category::conf, log::normal,
                            "reloading: a new generation of workers takes over");
    return plan_of(current_, shared_, metrics_listeners_);
}

bool Reload::read_settings(config::Settings& settings) const {
    const log::Logger& logger = *current_->logger;
    const config::LoadedSettings loaded =
        config::load(command_.config_file, command_.config_file_named, overrides_);
    setup::log_problems(logger, loaded.problems);
    if (!loaded.usable()) {
        logger.write(log::Category::conf, log::error,
                     "error: the new settings cannot be used: the daemon keeps the old ones");
        return false;
    }
    for (const std::string_view name : config::changes_that_need_restart(settings, loaded.settings))
        logger.write(log::Category::conf, log::warning,
                     "warning: the change of " + std::string{name} + " takes effect only after a restart");
    settings = loaded.settings;
    return true;
}

}  // namespace sqlgrey::app
