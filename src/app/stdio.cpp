#include "stdio.hpp"

#include "children.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/fd_passing.hpp"
#include "sqlgrey/base/file.hpp"
#include "sqlgrey/config/load.hpp"
#include "sqlgrey/maintenance/maintenance.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <thread>

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::app {
namespace {

constexpr base::Seconds cleaning_limit{5};

LogTo place_of_log() {
    return ::isatty(STDERR_FILENO) ? LogTo::standard_error : LogTo::syslog;
}

// Of a process that has no settings to say how it logs.
log::Logger plain_logger() {
    return {log::Levels{},
            place_of_log() == LogTo::syslog ? log::syslog_sink("sqlgrey") : log::stderr_sink()};
}

struct Pair {
    base::unique_fd near, far;
    explicit Pair(int type) {
        int ends[2];
        if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
            throw base::StartError(base::with_errno("socketpair", errno));
        near.reset(ends[0]);
        far.reset(ends[1]);
    }
};

// Whoever gave us the descriptor may have made it non-blocking.
bool can_read_on(int fd) {
    if (errno == EINTR) return true;
    pollfd end{fd, POLLIN, 0};
    return errno == EAGAIN && ::poll(&end, 1, -1) >= 0;
}

// Until `from` ends or `to` takes no more.
void carry(int from, int to) {
    std::array<char, 16384> bytes;
    for (;;) {
        const ssize_t got = ::read(from, bytes.data(), bytes.size());
        if (got < 0 && can_read_on(from)) continue;
        if (got <= 0 || !base::write_all(to, {bytes.data(), static_cast<std::size_t>(got)})) return;
    }
}

// A worker serves connections that are passed to it. It gets one, and two threads carry between that and
// standard input and output, which may be anything: one socket, two pipes, a file.
int converse(const Generation& generation) {
    SharedState shared;
    Pair channel(SOCK_SEQPACKET);
    Pair connection(SOCK_STREAM);
    Pair stop(SOCK_STREAM);
    std::atomic<int> open_connections{1};
    if (base::send_fd(channel.near.get(), connection.far.get()) != base::Passed::yes)
        throw base::StartError("a descriptor could not be passed");
    connection.far.reset();

    const int ours = connection.near.release();  // until the process ends, for a thread may outlive us
    std::thread([ours] {
        carry(STDIN_FILENO, ours);
        ::shutdown(ours, SHUT_WR);  // what has been asked is answered, then the worker closes
    }).detach();                    // may be reading still when nobody wants replies any more
    const std::jthread out([ours, &stop] {
        carry(ours, STDOUT_FILENO);
        ::shutdown(ours, SHUT_RDWR);
        stop.near.reset();
    });

    process::ChildContext child{std::move(channel.far), stop.far.get(), &open_connections, [] {}};
    const process::Plan plan = plan_of(std::make_shared<const Generation>(generation), shared);
    return plan.roles.front().run(child);  // the worker
}

// Where nothing runs for long, somebody has to: the one who finds it due. Nobody waits for us now.
void clean(const Generation& generation) {
    const config::Settings& settings = generation.settings;
    const maintenance::Ages ages{settings.db_cleandelay, settings.awl_age, settings.max_connect_age};
    const auto end = std::chrono::steady_clock::now() + cleaning_limit;
    const auto pause = [end](base::Milliseconds time) {
        std::this_thread::sleep_for(time);
        return std::chrono::steady_clock::now() < end;
    };
    try {
        const auto store = store::open_store(generation.target);
        maintenance::clean_if_due(*store, ages, *generation.logger, pause);
    } catch (const greylist::StoreFailure& error) {
        generation.logger->write(log::Category::dbaccess, log::verbose,
                                 std::string{"cleaning waits: "} + error.what());
    }
}

int serve(const config::CommandLine& command) {
    config::LoadedSettings loaded = config::load(command.config_file, command.config_file_named, {});
    if (!loaded.usable()) {
        const log::Logger logger = plain_logger();
        for (const config::SettingsProblem& problem : loaded.problems)
            if (problem.kind == config::SettingsProblem::Kind::error)
                logger.write(log::Category::conf, log::error, config::shown(problem));
        return 1;
    }
    // Each process for itself would mail what one daemon mails once.
    loaded.settings.admin_mail.clear();
    const Generation generation = make_generation(loaded.settings, place_of_log());
    const int status = converse(generation);
    clean(generation);
    return status;
}

}  // namespace

int serve_stdio(const config::CommandLine& command) {
    ::signal(SIGPIPE, SIG_IGN);
    ::umask(027);        // as the daemon: the database is nobody else's business,
    ::unsetenv("PGTZ");  // and the server's time zone rules
    try {
        return serve(command);
    } catch (const std::exception& error) {
        plain_logger().write(log::Category::system, log::error, "cannot serve: " + base::reason_of(error));
        return 1;
    }
}

}  // namespace sqlgrey::app
