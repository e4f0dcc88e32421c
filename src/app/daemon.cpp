#include "daemon.hpp"

#include "children.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/config/parameters.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "sqlgrey/process/pid_file.hpp"
#include "sqlgrey/process/title.hpp"
#include "sqlgrey/server/listener.hpp"
#include "sqlgrey/setup/daemon_user.hpp"
#include "sqlgrey/setup/prepare_database.hpp"
#include "version.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::app {
namespace {

using config::Settings;

std::string addresses(const Settings& settings) {
    std::string text;
    for (const std::string& inet : settings.inet) text += (text.empty() ? "inet " : ", inet ") + inet;
    if (!settings.unix_path.empty()) text += (text.empty() ? "unix " : ", unix ") + settings.unix_path;
    return text;
}

std::string database(const Generation& generation) {
    switch (generation.target.database) {
        case store::Database::postgresql:
            return "PostgreSQL, " + generation.target.name;
        case store::Database::mysql:
            return "MySQL, " + generation.target.name;
        case store::Database::sqlite:
            break;
    }
    return "SQLite, " + generation.target.name;
}

void log_start(const Generation& generation) {
    generation.logger->write(
        log::Category::system, log::normal,
        std::string{"sqlgrey "} + program_version + " serves " + addresses(generation.settings) + " with " +
            std::to_string(workers_of(generation.settings)) + " workers; database: " + database(generation));
}

// Prepares a child before its task begins. Workers send mail to the admin, and Postfix's sendmail hands it to
// postdrop, which is setgid; without admin_mail no new privileges are needed.
process::Plan as_children(process::Plan plan, const Settings& settings) {
    for (process::Role& role : plan.roles) {
        const bool mails = role.takes_connections && !settings.admin_mail.empty();
        role.run = [run = std::move(role.run), name = role.name, numbered = role.takes_connections,
                    mails](process::ChildContext& child) {
            process::set_title("sqlgrey: " + name + (numbered ? ' ' + std::to_string(child.slot + 1) : ""));
            if (!mails) process::forbid_new_privileges();
            return run(child);
        };
    }
    return plan;
}

void log_problems(const std::vector<config::SettingsProblem>& problems, const log::Logger& logger) {
    for (const config::SettingsProblem& problem : problems) {
        const bool is_error = problem.kind == config::SettingsProblem::Kind::error;
        logger.write(log::Category::conf, is_error ? log::error : log::warning, config::shown(problem));
    }
}

void warn_of_what_needs_a_restart(const Settings& now, const Settings& wanted, const log::Logger& logger) {
    for (const std::string_view name : config::changes_that_need_restart(now, wanted))
        logger.write(log::Category::conf, log::warning,
                     "warning: " + std::string{name} + " has changed: that needs a restart");
}

// Makes the next generation on HUP (settings and lists) or USR1 (lists only).
class Reload {
  public:
    Reload(const config::CommandLine& command, config::Overrides overrides,
           std::shared_ptr<const Generation> first, setup::LogTo where, SharedState& shared)
        : command_(command),
          overrides_(std::move(overrides)),
          current_(std::move(first)),
          where_(where),
          shared_(shared) {}

    std::optional<process::Plan> operator()(int signal_number) {
        Settings settings = current_->settings;
        if (signal_number == SIGHUP && !read_again(settings)) return {};
        current_ = std::make_shared<const Generation>(make_generation(settings, where_));
        current_->logger->write(log::Category::conf, log::normal,
                                "reloading: a new generation of workers takes over");
        return as_children(plan_of(current_, shared_), settings);
    }

  private:
    bool read_again(Settings& settings) const {
        const config::LoadedSettings loaded =
            config::load(command_.config_file, command_.config_file_named, overrides_);
        log_problems(loaded.problems, *current_->logger);
        if (!loaded.usable()) {
            current_->logger->write(log::Category::conf, log::error,
                                    "error: the new settings are bad: the old ones stay in force");
            return false;
        }
        warn_of_what_needs_a_restart(settings, loaded.settings, *current_->logger);
        settings = loaded.settings;
        return true;
    }

    config::CommandLine command_;
    config::Overrides overrides_;
    std::shared_ptr<const Generation> current_;
    setup::LogTo where_;
    SharedState& shared_;
};

// The configuration file says in words that mail passes when there is no database.
bool wants_to_serve_without(const config::LoadedSettings& loaded) {
    const auto row = std::ranges::find(loaded.in_force, "on_db_failure", &config::InForce::name);
    return loaded.settings.on_db_failure == config::OnFailure::pass && row != loaded.in_force.end() &&
           row->origin != "default";
}

void leave_no_trace(std::optional<server::SocketFile>& socket_file,
                    std::optional<process::PidFile>& pid_file) {
    if (socket_file) socket_file->remove();
    if (pid_file) pid_file->remove();
}

int run(const config::CommandLine& command, const config::LoadedSettings& loaded,
        const config::Overrides& overrides, std::optional<process::Detached>& detached) {
    const Settings& settings = loaded.settings;
    const bool as_root = process::started_as_root();
    const process::Account account =
        as_root ? process::find_account(settings.user, settings.group) : process::Account{};
    process::hold_signals();
    process::set_title("sqlgrey: master (" + process::command_line() + ")");
    std::optional<process::PidFile> pid_file;
    if (command.daemonize || !command.pidfile.empty()) pid_file.emplace(settings.pidfile);
    std::vector<base::unique_fd> listeners =
        server::open_listeners(settings.inet, settings.unix_path, settings.unix_mode);
    std::optional<server::SocketFile> socket_file;
    if (!settings.unix_path.empty()) socket_file.emplace(settings.unix_path);
    if (pid_file) pid_file->write_own_pid();
    if (as_root) process::drop_privileges(account);
    if (as_root) ::unsetenv("HOME");  // root's: PostgreSQL would look for certificates there
    setup::set_environment();

    const setup::LogTo where = command.daemonize ? setup::LogTo::syslog : setup::LogTo::foreground;
    const auto generation = std::make_shared<const Generation>(make_generation(settings, where));
    const base::SharedMemory<SharedState> memory;
    SharedState& shared = *memory;

    // If it serves all the same, the workers meet that too, and report it.
    const auto hopeless = setup::prepare_database(generation->target, *generation->logger, listeners);
    if (hopeless && !wants_to_serve_without(loaded)) {
        leave_no_trace(socket_file, pid_file);
        throw base::StartError("the database cannot be used: " + *hopeless);
    }

    process::MasterOptions options;
    options.listeners = std::move(listeners);
    options.reload = Reload(command, overrides, generation, where, shared);
    options.on_ready = [&] {
        // Standard error has them already; it is lost when the machine starts the daemon.
        if (command.daemonize) log_problems(loaded.problems, *generation->logger);
        log_start(*generation);
        process::notify_systemd("READY=1");
        if (detached) detached->report_ready();
    };
    const int status = process::run_master(as_children(plan_of(generation, shared), settings),
                                           std::move(options), *generation->logger);

    process::notify_systemd("STOPPING=1");
    leave_no_trace(socket_file, pid_file);
    log::finish();  // still under the lock of the pid file, which tells --kill that we are not gone yet
    return status;
}

}  // namespace

int run_daemon(const config::CommandLine& command, const config::LoadedSettings& loaded) {
    std::error_code ignored;
    const config::Overrides overrides{command.pidfile, std::filesystem::current_path(ignored).string()};
    std::optional<process::Detached> detached;
    try {
        if (command.daemonize && !log::reads_syslog())
            std::cerr << "sqlgrey: warning: no syslog daemon listens at " << log::syslog_path
                      << "; the log of the time until one does is kept up to 1 MB a process\n"
                      << std::flush;
        if (command.daemonize) detached = process::Detached::now();
        return run(command, loaded, overrides, detached);
    } catch (const std::exception& error) {
        const std::string message = std::string{"sqlgrey: "} + error.what();
        if (detached)
            detached->report_failure(message);
        else
            std::cerr << message << std::endl;
        return 1;
    }
}

}  // namespace sqlgrey::app
