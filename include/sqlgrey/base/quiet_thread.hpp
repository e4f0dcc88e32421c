// A thread that no signal interrupts.
#pragma once

#include <csignal>
#include <thread>
#include <utility>

namespace sqlgrey::base {

// A thread inherits the mask of its creator; signals are for the thread that expects them. Throws
// std::system_error if there is no thread to be had.
inline std::thread quiet_thread(auto work) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct Restore {
        const sigset_t& mask;
        ~Restore() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
    } restore{before};
    return std::thread(std::move(work));
}

}  // namespace sqlgrey::base
