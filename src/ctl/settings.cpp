#include "settings.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/config/load.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>

#include <pwd.h>
#include <unistd.h>

namespace sqlgrey::ctl {
namespace {

// Where the unit, the init script and the container start the daemon.
constexpr const char* state_directory = "/var/lib/sqlgrey";

bool has_file(const config::LoadedSettings& loaded) {
    std::error_code unknown;
    return std::filesystem::exists(loaded.settings.db_name, unknown);
}

// With a relative db_name, as the default is, SQLite's file is in the current directory or, if there is none,
// where an installed daemon has it.
config::LoadedSettings load(const Invocation& invocation) {
    const auto load_in = [&](const std::string& directory) {
        return config::load(invocation.config_file, invocation.config_file_named, {"", directory});
    };
    config::LoadedSettings here = load_in("");
    if (here.settings.db_type != config::Database::sqlite || has_file(here)) return here;
    config::LoadedSettings there = load_in(state_directory);
    return has_file(there) ? there : here;
}

}  // namespace

config::Settings read_settings(const Invocation& invocation) {
    config::LoadedSettings loaded = load(invocation);
    for (const config::SettingsProblem& problem : loaded.problems)
        std::cerr << config::shown(problem) << "\n";
    if (!loaded.usable()) throw base::StartError("nothing was done: the settings hold an error");
    return std::move(loaded.settings);
}

std::string who() {
    const char* sudo = std::getenv("SUDO_USER");
    if (::getuid() == 0 && sudo && *sudo) return sudo;
    if (const passwd* account = ::getpwuid(::getuid())) return account->pw_name;
    return "uid " + std::to_string(::getuid());
}

}  // namespace sqlgrey::ctl
