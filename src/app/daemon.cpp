#include "daemon.hpp"

#include "children.hpp"
#include "reload.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "sqlgrey/process/pid_file.hpp"
#include "sqlgrey/process/title.hpp"
#include "sqlgrey/server/listener.hpp"
#include "sqlgrey/server/passed_sockets.hpp"
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

void log_start(const Generation& generation) {
    generation.logger->write(log::Category::system, log::normal,
                             std::string{"sqlgrey "} + program_version + " serves " +
                                 addresses(generation.settings) + " with " +
                                 std::to_string(workers_of(generation.settings)) +
                                 " workers; database: " + store::described(generation.target));
}

void log_passed_sockets(const log::Logger& logger, const std::string& addresses,
                        const std::vector<std::string>& differences) {
    if (addresses.empty()) return;
    logger.write(log::Category::system, log::normal, "sockets passed by systemd: " + addresses);
    for (const std::string& difference : differences)
        logger.write(log::Category::conf, log::warning, "warning: " + difference);
}

// Throws base::StartError if one is not a listening socket.
server::PassedSockets passed_sockets() {
    server::PassedSockets sockets;
    for (process::PassedDescriptor& descriptor : process::take_passed_descriptors())
        sockets.add(descriptor.name, std::move(descriptor.fd));
    return sockets;
}

// A hint for administrators whose settings are older than pools.
void log_pools(const Generation& generation) {
    if (generation.settings.pools) return;
    generation.logger->write(log::Category::conf, log::normal,
                             "pools = off: a retry counts only from where the first attempt came; with pools "
                             "= on it counts from every "
                             "server of the same organisation, and large senders wait no longer than others");
}

// True only if the file says on_db_failure = pass: the default alone must not start a daemon that greylists
// nothing.
bool wants_to_serve_without_database(const config::LoadedSettings& loaded) {
    return loaded.settings.on_db_failure == config::OnFailure::pass && !loaded.is_default("on_db_failure");
}

void remove_files(const std::vector<server::SocketFile>& socket_files,
                  std::optional<process::PidFile>& pid_file) {
    for (const server::SocketFile& file : socket_files) file.remove();
    if (pid_file) pid_file->remove();
}

int run(const config::CommandLine& command, const config::LoadedSettings& loaded,
        const config::Overrides& overrides, server::PassedSockets passed,
        std::optional<process::Detached>& detached) {
    const Settings& settings = loaded.settings;
    const std::string passed_addresses = passed.addresses();
    const bool as_root = process::started_as_root();
    const process::Account account =
        as_root ? process::find_account(settings.user, settings.group) : process::Account{};
    process::hold_signals();
    process::set_title("sqlgrey: master (" + process::command_line() + ")");
    std::optional<process::PidFile> pid_file;
    if (command.daemonize || !command.pidfile.empty()) pid_file.emplace(settings.pidfile);
    server::Listeners listeners =
        server::open_listeners(settings.inet, settings.unix_path, settings.unix_mode, std::move(passed));
    const MetricsListeners metrics_listeners = open_metrics_listeners(settings);
    std::vector<server::SocketFile> socket_files;
    if (listeners.made_unix_file) socket_files.emplace_back(settings.unix_path);
    if (settings.metrics_listen.starts_with('/')) socket_files.emplace_back(settings.metrics_listen);
    if (pid_file) pid_file->write_own_pid();
    if (as_root) process::drop_privileges(account);
    if (as_root) ::unsetenv("HOME");  // root's; libpq would look for certificates there
    setup::set_environment();

    const setup::LogTo where = command.daemonize ? setup::LogTo::syslog : setup::LogTo::foreground;
    const auto generation = std::make_shared<const Generation>(make_generation(settings, where));
    const base::SharedMemory<SharedState> memory;
    SharedState& shared = *memory;
    shared.counters.daemon.started_at.set(base::epoch(base::SystemClock().now()));
    shared.counters.daemon.reloaded_at.set(shared.counters.daemon.started_at.value());

    // If the daemon serves nevertheless, its workers report the same problem.
    const auto why_useless =
        setup::prepare_database(generation->target, *generation->logger, listeners.sockets);
    if (why_useless && !wants_to_serve_without_database(loaded)) {
        remove_files(socket_files, pid_file);
        throw base::StartError("the database cannot be used: " + *why_useless);
    }

    process::MasterOptions options;
    options.listeners = std::move(listeners.sockets);
    options.reload = Reload(command, overrides, generation, where, shared, metrics_listeners);
    options.on_ready = [&] {
        // They were printed on standard error before detaching too, which nobody reads at boot.
        if (command.daemonize) setup::log_problems(*generation->logger, loaded.problems);
        log_start(*generation);
        log_passed_sockets(*generation->logger, passed_addresses, listeners.differences);
        log_pools(*generation);
        process::notify_systemd("READY=1");
        if (detached) detached->report_ready();
    };
    const int status =
        process::run_master(plan_of(generation, shared, metrics_listeners), std::move(options));

    process::notify_systemd("STOPPING=1");
    remove_files(socket_files, pid_file);
    log::finish();  // before the pid file is unlocked, so that --kill waits for it
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
        server::PassedSockets passed = passed_sockets();  // before a fork: they are announced to this process
        if (command.daemonize) detached = process::Detached::now();
        return run(command, loaded, overrides, std::move(passed), detached);
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
