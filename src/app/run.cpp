#include "sqlgrey/app/run.hpp"

#include "daemon.hpp"
#include "manual.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/config/command_line.hpp"
#include "sqlgrey/config/load.hpp"
#include "sqlgrey/config/show.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "sqlgrey/process/pid_file.hpp"
#include "sqlgrey/setup/check_database.hpp"
#include "sqlgrey/setup/check_files.hpp"
#include "sqlgrey/setup/manual_page.hpp"
#include "sqlgrey/store/sql_store.hpp"
#include "stdio.hpp"
#include "version.hpp"

#include <algorithm>
#include <iostream>

namespace sqlgrey::app {
namespace {

using config::Action;
using config::CommandLine;
using config::LoadedSettings;

constexpr base::Seconds kill_timeout{15};

void print_problems(const LoadedSettings& loaded) {
    for (const config::SettingsProblem& problem : loaded.problems)
        std::cerr << config::shown(problem) << "\n";
}

int print(const std::string& text) {
    std::cout << text << std::flush;
    return 0;
}

int kill_running(const LoadedSettings& loaded) {
    const process::KillResult result = process::kill_daemon(loaded.settings.pidfile, kill_timeout);
    if (!result.ok) std::cerr << "sqlgrey: " << result.message << "\n";
    return result.ok ? 0 : 1;
}

int check(const CommandLine& command, const LoadedSettings& loaded) {
    const int of_settings = setup::check_config(command, loaded);
    const int of_database = command.check_database ? setup::check_database(loaded.settings) : 0;
    return std::max(of_settings, of_database);
}

// The actions that need settings.
int act(const CommandLine& command, const LoadedSettings& loaded) {
    switch (command.action) {
        case Action::kill:
            return kill_running(loaded);
        case Action::check_config:
            return check(command, loaded);
        case Action::print_config:
            return print(config::print_config(loaded));
        case Action::print_schema:
            return print(store::schema_text(loaded.settings.db_type));
        default:
            return run_daemon(command, loaded);
    }
}

// Unusable settings end every action. Warnings are printed only by actions that use most settings.
int act_on_settings(const CommandLine& command) {
    const LoadedSettings loaded =
        config::load(command.config_file, command.config_file_named, {command.pidfile, {}});
    const bool needs_few = command.action == Action::kill || command.action == Action::print_schema;
    if (!needs_few || !loaded.usable()) print_problems(loaded);
    return loaded.usable() ? act(command, loaded) : 1;
}

// Waits for log lines that could not be written at once.
int finished(int status) {
    log::finish();
    return status;
}

}  // namespace

int run(int argc, const char* const* argv) {
    CommandLine command;
    try {
        command = config::parse_command_line(argc, argv);
    } catch (const base::StartError& error) {
        std::cerr << "sqlgrey: " << error.what() << "\n";
        return 2;
    }
    try {
        switch (command.action) {
            case Action::help:
                return print(config::help_text());
            case Action::man:
                return setup::show_manual(manual().front().text, "sqlgrey(8)");
            case Action::version:
                return print(std::string{"sqlgrey "} + program_version + "\n");
            case Action::stdio:
                return finished(serve_stdio(command));
            default:
                return act_on_settings(command);
        }
    } catch (const std::exception& error) {
        std::cerr << "sqlgrey: " << error.what() << "\n";
        return 1;
    }
}

}  // namespace sqlgrey::app
