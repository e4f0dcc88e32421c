// Blocking signals, signalfd(2), and undoing both in a child.
#include "signals.hpp"

#include "sqlgrey/process/daemon.hpp"

#include <cerrno>
#include <system_error>

#include <sys/signalfd.h>

namespace sqlgrey::process {

namespace {

sigset_t set_of(std::initializer_list<int> numbers) {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : numbers) sigaddset(&set, number);
    return set;
}

}  // namespace

void hold_signals() {
    const auto masters = set_of({SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1});
    pthread_sigmask(SIG_BLOCK, &masters, nullptr);
    for (const int number :
         {SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR, SIGSTKFLT, SIGPIPE, SIGXFSZ})
        std::signal(number, SIG_IGN);
    for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) std::signal(number, SIG_IGN);
}

Signals::Signals() {
    // The parent process may have set it to be ignored, and then the kernel would not report which child
    // ended.
    std::signal(SIGCHLD, SIG_DFL);
    const auto ours = set_of({SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGCHLD});
    pthread_sigmask(SIG_BLOCK, &ours, &before_);
    fd_.reset(::signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC));
    if (fd_) return;
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    throw std::system_error(error, std::generic_category(), "signalfd");
}

Signals::~Signals() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::vector<int> Signals::take() const {
    constexpr std::size_t different_ones = 5;
    std::vector<int> numbers;
    numbers.reserve(different_ones);  // before reading: a signal that is read and not returned would be lost
    signalfd_siginfo info{};
    while (numbers.size() < different_ones &&
           ::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
        numbers.push_back(static_cast<int>(info.ssi_signo));
    return numbers;
}

base::unique_fd Signals::reset_for_child() {
    fd_.reset();
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGPIPE}) std::signal(number, SIG_IGN);
    sigset_t mask = before_;
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGCHLD}) sigdelset(&mask, number);
    sigaddset(&mask, SIGTERM);  // blocked since before the fork, so none is lost
    pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    const auto term = set_of({SIGTERM});
    return base::unique_fd{::signalfd(-1, &term, SFD_NONBLOCK | SFD_CLOEXEC)};
}

}  // namespace sqlgrey::process
