// Makes the next generation on a signal: HUP reads the settings and all files again, USR1 only the files.
#pragma once

#include "children.hpp"
#include "sqlgrey/config/command_line.hpp"
#include "sqlgrey/config/load.hpp"

#include <memory>
#include <optional>

namespace sqlgrey::app {

// For process::MasterOptions::reload.
class Reload {
  public:
    // `shared` must outlive it.
    Reload(config::CommandLine command, config::Overrides overrides, std::shared_ptr<const Generation> first,
           setup::LogTo where, SharedState& shared, MetricsListeners metrics_listeners);

    // Nothing if the new settings have errors: they are logged, and the daemon keeps the old settings.
    std::optional<process::Plan> operator()(int signal_number);

  private:
    bool read_settings(config::Settings& settings) const;
    process::Plan next_plan(const config::Settings& settings);

    config::CommandLine command_;
    config::Overrides overrides_;
    std::shared_ptr<const Generation> current_;
    setup::LogTo where_;
    SharedState& shared_;
    MetricsListeners metrics_listeners_;
};

}  // namespace sqlgrey::app
