#include "sqlgrey/setup/prepare_database.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/store/schema_report.hpp"
#include "sqlgrey/store/sql_store.hpp"

#include <array>
#include <cerrno>
#include <chrono>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sqlgrey::setup {
namespace {

using greylist::StoreError;

constexpr base::Seconds beyond_time_limit{2};
constexpr base::Seconds ready_limit{600};  // to take over tables with millions of rows
constexpr int look_for_signals_ms = 50;
constexpr std::size_t longest_message = 4096;

// Only an administrator can correct it.
bool is_permanent(const StoreError& error) {
    return error.fault() == StoreError::Fault::schema || error.fault() == StoreError::Fault::damaged;
}

void log_schema(const log::Logger& logger, const store::SchemaReport& report) {
    // Each first start creates tables where there were none.
    const bool is_usual = report.made && !report.taken_over && report.not_done.empty();
    if (const std::string text = shown(report); !text.empty())
        logger.write(log::Category::dbaccess, is_usual ? log::verbose : log::normal, text);
}

// The workers will fail in the same way, and report it.
void report_to_verbose(const log::Logger& logger, const greylist::StoreFailure& error) {
    logger.write(log::Category::dbaccess, log::verbose,
                 std::string{"the tables are looked at later: "} + error.what());
}

// The work of the child. Returns why a start would be useless, or an empty text.
std::string open_once(store::Target target, const log::Logger& logger, Needed needed) {
    target.replicas.clear();
    try {
        static_cast<void>(store::open_store(target, nullptr, logging_schema(logger)));
    } catch (const StoreError& error) {
        if (needed == Needed::ready_database || is_permanent(error)) return error.what();
        report_to_verbose(logger, error);
    } catch (const greylist::StoreFailure& error) {
        if (needed == Needed::ready_database) return error.what();
        report_to_verbose(logger, error);
    }
    return {};
}

// As in a worker, except that TERM ends it at once.
void become_child(pid_t master) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != master) ::_exit(0);  // the master died before prctl(2)
    for (const int number : {SIGHUP, SIGINT, SIGUSR1, SIGPIPE}) ::signal(number, SIG_IGN);
    ::signal(SIGTERM, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void block_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, number);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

bool told_to_stop() {
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

// Reads the pipe to its end; nothing if that does not come in time.
std::optional<std::string> read_until(int pipe, std::chrono::steady_clock::time_point end) {
    std::string said;
    std::array<char, 512> bytes;
    while (std::chrono::steady_clock::now() < end && !told_to_stop()) {
        pollfd poll{pipe, POLLIN, 0};
        if (::poll(&poll, 1, look_for_signals_ms) <= 0) continue;
        const ssize_t got = ::read(pipe, bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return said;
        said.append(bytes.data(), static_cast<std::size_t>(got));
    }
    return {};
}

[[noreturn]] void be_child(pid_t master, const store::Target& target, const log::Logger& logger, int pipe,
                           std::span<const base::unique_fd> listeners, Needed needed) {
    become_child(master);
    for (const base::unique_fd& listener : listeners) ::close(listener.get());
    int status = 0;
    try {
        const std::string message = open_once(target, logger, needed).substr(0, longest_message);
        if (::write(pipe, message.data(), message.size()) < 0) status = 1;  // no one is waiting any more
    } catch (const std::exception& error) {
        logger.write(log::Category::system, log::error,
                     std::string{"preparing the database failed: "} + error.what());
        status = 1;
    }
    ::_exit(status);
}

}  // namespace

std::optional<std::string> prepare_database(const store::Target& target, const log::Logger& logger,
                                            std::span<const base::unique_fd> listeners, Needed needed) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw base::StartError(base::with_errno("pipe", errno));
    const base::unique_fd reading{ends[0]};
    base::unique_fd writing{ends[1]};
    block_signals();
    const pid_t master = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) throw base::StartError(base::with_errno("cannot start a process", errno));
    if (child == 0) be_child(master, target, logger, writing.get(), listeners, needed);
    writing.reset();

    const bool must_be_ready = needed == Needed::ready_database;
    const base::Milliseconds limit = must_be_ready ? ready_limit : target.time_limit + beyond_time_limit;
    const std::optional<std::string> said =
        read_until(reading.get(), std::chrono::steady_clock::now() + limit);
    if (!said && must_be_ready && !told_to_stop())
        return "it is not ready after " + std::to_string(ready_limit.count()) + " s";
    if (!said) return {};  // run_master() reaps the child
    ::waitpid(child, nullptr, 0);
    if (said->empty()) return {};
    return said;
}

store::OnOpen logging_schema(const log::Logger& logger) {
    return {.schema = [&logger](const store::SchemaReport& report) { log_schema(logger, report); }};
}

}  // namespace sqlgrey::setup
