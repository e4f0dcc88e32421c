#include "settings.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/config/load.hpp"

#include <cstdlib>
#include <iostream>

#include <pwd.h>
#include <unistd.h>

namespace sqlgrey::ctl {

config::Settings read_settings(const Invocation& invocation) {
    config::LoadedSettings loaded = config::load(invocation.config_file, invocation.config_file_named, {});
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
