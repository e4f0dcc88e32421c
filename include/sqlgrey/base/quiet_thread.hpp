// Starts threads that no signal interrupts.
#pragma once

#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

namespace sqlgrey::base {

// All signals are blocked in the new thread, so they go to the thread that expects them. Throws
// std::system_error, worded for the log, if no thread can be started, and std::bad_alloc. `work` must not
// throw: an exception that leaves a thread ends the process without a log line.
inline std::thread quiet_thread(auto work) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct Restore {
        const sigset_t& mask;
        ~Restore() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
    } restore{before};
    try {
        return std::thread(std::move(work));
    } catch (const std::system_error& error) {
        throw std::system_error(error.code(),
                                "no thread can be started; raise the limits on processes and on "
                                "memory (TasksMax= and LimitAS= of the unit, ulimit -u and -v)");
    }
}

}  // namespace sqlgrey::base
