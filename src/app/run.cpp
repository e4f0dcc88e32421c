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

LoadedSettings load(const CommandLine& command) {
    return config::load(command.config_file, command.config_file_named, {command.pidfile, {}});
}

void print_problems(const LoadedSettings& loaded) {
    for (const config::SettingsProblem& problem : loaded.problems)
        std::cerr << config::shown(problem) << "\n";
}

int print(const std::string& text) {
    std::cout << text << std::flush;
    return 0;
}

int kill_running(const CommandLine& command) {
    const LoadedSettings loaded = load(command);
    if (!loaded.usable()) {
        print_problems(loaded);
        return 1;
    }
    const process::KillResult result = process::kill_daemon(loaded.settings.pidfile, kill_timeout);
    if (!result.ok) std::cerr << "sqlgrey: " << result.message << "\n";
    return result.ok ? 0 : 1;
}

int check(const CommandLine& command) {
    const LoadedSettings loaded = load(command);
    print_problems(loaded);
    if (!loaded.usable()) return 1;
    const int of_settings = setup::check_config(command, loaded);
    const int of_database = command.check_database ? setup::check_database(loaded.settings) : 0;
    return std::max(of_settings, of_database);
}

int print_config(const CommandLine& command) {
    const LoadedSettings loaded = load(command);
    print_problems(loaded);
    if (!loaded.usable()) return 1;
    return print(config::print_config(loaded));
}

int print_schema(const CommandLine& command) {
    const LoadedSettings loaded = load(command);
    if (!loaded.usable()) {
        print_problems(loaded);
        return 1;
    }
    return print(store::schema_text(loaded.settings.db_type));
}

// Writes out queued log lines before the process ends, if that is possible.
int finished(int status) {
    log::finish();
    return status;
}

int start(const CommandLine& command) {
    const LoadedSettings loaded = load(command);
    print_problems(loaded);
    if (!loaded.usable()) return 1;
    return run_daemon(command, loaded);
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
            case Action::kill:
                return kill_running(command);
            case Action::check_config:
                return check(command);
            case Action::print_config:
                return print_config(command);
            case Action::print_schema:
                return print_schema(command);
            case Action::stdio:
                return finished(serve_stdio(command));
            case Action::run:
                break;
        }
        return start(command);
    } catch (const std::exception& error) {
        std::cerr << "sqlgrey: " << error.what() << "\n";
        return 1;
    }
}

}  // namespace sqlgrey::app
