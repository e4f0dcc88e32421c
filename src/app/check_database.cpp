#include "check_database.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "sqlgrey/store/check.hpp"

#include <cerrno>
#include <cstdlib>
#include <iostream>

#include <sys/wait.h>
#include <unistd.h>

namespace sqlgrey::app {
namespace {

int print_check(const store::Target& target) {
    ::unsetenv("PGTZ");  // as the daemon
    const store::DatabaseCheck check = store::check_database(target);
    const std::string name = "database " + target.name + ": ";
    for (const std::string& finding : check.findings) std::cout << name << finding << std::endl;
    for (const std::string& problem : check.problems) std::cerr << name << "error: " << problem << std::endl;
    return check.usable ? 0 : 1;
}

[[noreturn]] void be_user(const process::Account& account, const store::Target& target) {
    int status = 1;
    try {
        process::drop_privileges(account);
        ::unsetenv("HOME");
        status = print_check(target);
    } catch (const std::exception& error) {
        std::cerr << "sqlgrey: " << error.what() << std::endl;
    }
    ::_exit(status);
}

}  // namespace

int check_database(const config::Settings& settings) {
    const store::Target target = target_of(settings);
    if (!process::started_as_root()) return print_check(target);
    const process::Account account = process::find_account(settings.user, settings.group);
    std::cout << std::flush;
    const pid_t child = ::fork();
    if (child < 0) throw base::StartError(base::with_errno("cannot start a process", errno));
    if (child == 0) be_user(account, target);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace sqlgrey::app
