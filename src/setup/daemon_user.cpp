#include "sqlgrey/setup/daemon_user.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/process/daemon.hpp"

#include <cerrno>
#include <cstdlib>
#include <iostream>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sqlgrey::setup {
namespace {

void become(const process::Account& account) {
    process::drop_privileges(account);
    ::unsetenv("HOME");  // root's; PostgreSQL would look for certificates there
}

[[noreturn]] void run_in_child(const process::Account& account, const std::function<int()>& work,
                               int failed) {
    int status = failed;
    try {
        become(account);
        status = work();
    } catch (const std::exception& error) {
        std::cerr << "sqlgrey: " << error.what() << "\n";
    }
    std::cout.flush();
    std::cerr.flush();
    ::_exit(status);
}

}  // namespace

void set_environment() {
    ::umask(027);
    ::unsetenv("PGTZ");
}

void become_daemon_user(const config::Settings& settings) {
    set_environment();
    if (process::started_as_root()) become(process::find_account(settings.user, settings.group));
}

int run_as_daemon_user(const config::Settings& settings, const std::function<int()>& work, int failed) {
    if (!process::started_as_root()) return work();
    const process::Account account = process::find_account(settings.user, settings.group);
    std::cout.flush();
    const pid_t child = ::fork();
    if (child < 0) throw base::StartError(base::with_errno("cannot fork", errno));
    if (child == 0) run_in_child(account, work, failed);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : failed;
}

}  // namespace sqlgrey::setup
