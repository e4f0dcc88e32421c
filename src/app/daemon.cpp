#include "daemon.hpp"

#include "children.hpp"
#include "inherited.hpp"
#include "reload.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/metrics/daily.hpp"
#include "sqlgrey/process/daemon.hpp"
#include "sqlgrey/process/pid_file.hpp"
#include "sqlgrey/process/replace.hpp"
#include "sqlgrey/process/title.hpp"
#include "sqlgrey/server/listener.hpp"
#include "sqlgrey/server/worker.hpp"
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
    for (const std::string& milter : settings.milter)
        text += (text.empty() ? "milter " : ", milter ") + milter;
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

// The pid file, and what needs one: replacing the daemon that holds it, and being replaced.
struct PidFileParts {
    std::optional<process::PidFile> pid_file;
    std::optional<process::Predecessor> predecessor;
    std::optional<process::ReplaceSocket> replace_socket;
    std::string why_not_replaceable;
};

// With --replace, gets what a running daemon hands over.
PidFileParts open_pid_file(const config::CommandLine& command, const std::string& path,
                           Inherited& inherited) {
    PidFileParts parts;
    if (command.replace) parts.predecessor = process::Predecessor::running(path);
    if (!parts.predecessor) {
        if (command.daemonize || command.replace || !command.pidfile.empty()) parts.pid_file.emplace(path);
        return parts;
    }
    parts.pid_file.emplace(process::PidFile::of_successor(path));
    add(inherited, parts.predecessor->take_over(server::connection_format));
    if (!parts.pid_file->take_share())
        throw base::StartError("another process is taking over the pid file " + path + "; try again");
    if (const std::string& place = parts.predecessor->notify_socket(); !place.empty())
        ::setenv("NOTIFY_SOCKET", place.c_str(), 1);
    return parts;
}

// A daemon that cannot be replaced is a daemon all the same.
void open_replace_socket(PidFileParts& parts, const std::string& path, Inherited& inherited) {
    if (!parts.pid_file) return;
    try {
        if (inherited.replace_socket)
            parts.replace_socket.emplace(path, std::move(inherited.replace_socket));
        else
            parts.replace_socket.emplace(path);
    } catch (const base::StartError& error) {
        parts.why_not_replaceable = error.what();
    }
}

void remove_files(const std::vector<server::SocketFile>& socket_files, PidFileParts& parts) {
    for (const server::SocketFile& file : socket_files) file.remove();
    if (parts.replace_socket) parts.replace_socket->remove();
    if (parts.pid_file) parts.pid_file->remove();
}

void note_start(SharedState& shared) {
    metrics::DaemonCounters& daemon = shared.counters.daemon;
    daemon.started_at.set(base::epoch(base::SystemClock().now()));
    daemon.reloaded_at.set(daemon.started_at.value());
}

void log_not_replaceable(const log::Logger& logger, const std::string& why) {
    if (why.empty()) return;
    logger.write(log::Category::system, log::warning,
                 "warning: sqlgrey --replace will not find this daemon: " + why);
}

// How it ended.
struct Fate {
    bool is_replaced = false;  // pid file and sockets are the successor's
    bool is_kept = false;      // sockets are in systemd's descriptor store
};

std::vector<process::Listening> listening_on(server::Listeners& listeners) {
    std::vector<process::Listening> all;
    for (std::size_t i = 0; i < listeners.sockets.size(); ++i)
        all.push_back({std::move(listeners.sockets[i]), server::text_of_new_connection(listeners.fronts[i])});
    return all;
}

process::Replacing replacing_of(PidFileParts& parts, std::vector<process::Offered> offered, Fate& fate) {
    process::Replacing replacing;
    replacing.predecessor = std::move(parts.predecessor);
    replacing.pid_file = parts.pid_file ? &*parts.pid_file : nullptr;
    replacing.socket = parts.replace_socket ? &*parts.replace_socket : nullptr;
    replacing.offered = std::move(offered);
    replacing.connection_format = server::connection_format;
    replacing.on_replaced = [&fate](pid_t successor) {
        fate.is_replaced = true;
        process::notify_systemd("MAINPID=" + std::to_string(successor));
    };
    return replacing;
}

process::Keeping keeping_of(Inherited& inherited, std::vector<process::Offered> offered, Fate& fate) {
    process::Keeping keeping;
    keeping.store = process::DescriptorStore::of_service(server::connection_format);
    keeping.kept = what_to_keep(std::move(offered));
    keeping.connections = std::move(inherited.connections);
    if (!inherited.stored.empty())
        keeping.on_taken = [stored = inherited.stored] {
            for (const std::string& name : stored) process::forget_stored(name);
        };
    keeping.on_kept = [&fate] { fate.is_kept = true; };
    return keeping;
}

int run(const config::CommandLine& command, const config::LoadedSettings& loaded,
        const config::Overrides& overrides, Inherited inherited, std::optional<process::Detached>& detached) {
    const Settings& settings = loaded.settings;
    const bool as_root = process::started_as_root();
    const process::Account account =
        as_root ? process::find_account(settings.user, settings.group) : process::Account{};
    process::hold_signals();
    process::set_title("sqlgrey: master (" + process::command_line() + ")");
    PidFileParts parts = open_pid_file(command, settings.pidfile, inherited);
    const bool replaces = parts.predecessor.has_value();
    const std::string passed_addresses = inherited.passed.addresses();
    server::Listeners listeners =
        server::open_listeners({settings.inet, settings.unix_path, settings.unix_mode, settings.milter},
                               std::move(inherited.passed), std::move(inherited.listeners));
    const MetricsListeners metrics_listeners =
        open_metrics_listeners(settings, std::move(inherited.metrics_listeners));
    std::vector<server::SocketFile> socket_files;
    for (const std::string& path : listeners.unix_files) socket_files.emplace_back(path);
    if (settings.metrics_listen.starts_with('/')) socket_files.emplace_back(settings.metrics_listen);
    if (parts.pid_file && !replaces) parts.pid_file->write_own_pid();
    open_replace_socket(parts, settings.pidfile, inherited);
    if (as_root) process::drop_privileges(account);
    if (as_root) ::unsetenv("HOME");  // root's; libpq would look for certificates there
    setup::set_environment();
    if (parts.replace_socket && !replaces) parts.replace_socket->listen();

    const setup::LogTo where = command.daemonize ? setup::LogTo::syslog : setup::LogTo::foreground;
    const auto generation = std::make_shared<const Generation>(make_generation(settings, where));
    const SharedStateFile memory = SharedStateFile::of(std::move(inherited.counters));
    SharedState& shared = *memory;
    if (memory.is_new()) {
        note_start(shared);
        metrics::begin_day(shared.counters, base::local_date(base::SystemClock().now()),
                           std::chrono::system_clock::now());
    }

    // If the daemon serves nevertheless, its workers report the same problem. One that replaces another needs
    // a database, because that one has it.
    const auto why_useless =
        setup::prepare_database(generation->target, *generation->logger, listeners.sockets,
                                replaces ? setup::Needed::ready_database : setup::Needed::no_lasting_problem);
    if (why_useless && (replaces || !wants_to_serve_without_database(loaded))) {
        if (!replaces) remove_files(socket_files, parts);
        throw base::StartError("the database cannot be used: " + *why_useless);
    }

    process::MasterOptions options;
    Fate fate;
    options.replacing =
        replacing_of(parts, offer(listeners, metrics_listeners, memory, parts.replace_socket), fate);
    options.keeping = keeping_of(inherited, options.replacing.offered, fate);
    options.listeners = listening_on(listeners);
    options.reload = Reload(command, overrides, generation, where, shared, metrics_listeners);
    options.on_ready = [&] {
        if (!memory.is_new()) note_start(shared);
        // They were printed on standard error before detaching too, which nobody reads at boot.
        if (command.daemonize) setup::log_problems(*generation->logger, loaded.problems);
        log_start(*generation);
        log_passed_sockets(*generation->logger, passed_addresses, listeners.differences);
        log_pools(*generation);
        log_not_replaceable(*generation->logger, parts.why_not_replaceable);
        for (const server::SocketFile& file : listeners.unused_files) file.remove();
        process::notify_systemd("READY=1");
        if (detached) detached->report_ready();
    };
    const int status =
        process::run_master(plan_of(generation, shared, metrics_listeners), std::move(options));

    if (!fate.is_replaced) {
        process::notify_systemd("STOPPING=1");
        // A Unix socket that is kept must keep its file.
        remove_files(fate.is_kept ? std::vector<server::SocketFile>{} : socket_files, parts);
    }
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
        Inherited inherited;
        add_passed(inherited);  // before a fork: they are announced to this process
        if (command.daemonize) detached = process::Detached::now();
        return run(command, loaded, overrides, std::move(inherited), detached);
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
