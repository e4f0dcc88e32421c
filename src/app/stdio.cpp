#include "stdio.hpp"

#include "children.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/config/load.hpp"
#include "sqlgrey/server/standard_streams.hpp"
#include "sqlgrey/setup/daemon_user.hpp"

#include <chrono>
#include <thread>

#include <signal.h>
#include <unistd.h>

namespace sqlgrey::app {
namespace {

constexpr base::Seconds cleaning_limit{5};

setup::LogTo log_destination() {
    return ::isatty(STDERR_FILENO) ? setup::LogTo::standard_error : setup::LogTo::syslog;
}

// For a process whose settings cannot be used, log settings included.
log::Logger default_logger() {
    const bool to_syslog = log_destination() == setup::LogTo::syslog;
    return {log::Levels{}, to_syslog ? log::syslog_sink("sqlgrey") : log::stderr_sink()};
}

void log_errors(const config::LoadedSettings& loaded) {
    const log::Logger logger = default_logger();
    for (const config::SettingsProblem& problem : loaded.problems)
        if (problem.is_error()) logger.write(log::Category::conf, log::error, config::shown(problem));
}

int answer_client(const Generation& generation, SharedState& shared) {
    server::StandardStreams streams;
    std::atomic<int> open_connections{1};
    process::ChildContext child;
    child.channel = streams.take_channel();
    child.stop = streams.stop();
    child.open_connections = &open_connections;
    child.ready = [] {};
    return serve_requests(child, generation, shared);
}

// There is no maintenance child, so each process checks at its end whether cleaning is due.
void clean(const Generation& generation, SharedState& shared) {
    const auto end = std::chrono::steady_clock::now() + cleaning_limit;
    const auto pause = [end](base::Milliseconds time) {
        std::this_thread::sleep_for(time);
        return std::chrono::steady_clock::now() < end;
    };
    cleaner_of(generation, shared).check(pause);
}

int serve(const config::CommandLine& command) {
    config::LoadedSettings loaded = config::load(command.config_file, command.config_file_named, {});
    if (!loaded.usable()) {
        log_errors(loaded);
        return 1;
    }
    loaded.settings.admin_mail.clear();  // each process would send the mail that a daemon sends once
    loaded.settings.tarpit = {};         // each would let tarpit_clients of its own wait
    const Generation generation = make_generation(loaded.settings, log_destination());
    const auto shared = std::make_unique<SharedState>();  // too large for the stack
    const int status = answer_client(generation, *shared);
    clean(generation, *shared);
    return status;
}

}  // namespace

int serve_stdio(const config::CommandLine& command) {
    ::signal(SIGPIPE, SIG_IGN);
    setup::set_environment();
    try {
        return serve(command);
    } catch (const std::exception& error) {
        default_logger().write(log::Category::system, log::error, "cannot serve: " + base::reason_of(error));
        return 1;
    }
}

}  // namespace sqlgrey::app
