#include "sqlgrey/setup/check_database.hpp"

#include "sqlgrey/setup/daemon_user.hpp"
#include "sqlgrey/setup/parts.hpp"
#include "sqlgrey/store/check.hpp"

#include <cstdlib>
#include <iostream>

namespace sqlgrey::setup {
namespace {

int print_check(const store::Target& target) {
    ::unsetenv("PGTZ");  // as the daemon does
    const store::DatabaseCheck check = store::check_database(target);
    const std::string name = "database " + target.name + ": ";
    for (const std::string& finding : check.findings) std::cout << name << finding << std::endl;
    for (const std::string& problem : check.problems) std::cerr << name << "error: " << problem << std::endl;
    return check.usable ? 0 : 1;
}

}  // namespace

int check_database(const config::Settings& settings) {
    const store::Target target = target_of(settings);
    return run_as_daemon_user(
        settings, [&] { return print_check(target); }, 1);
}

}  // namespace sqlgrey::setup
