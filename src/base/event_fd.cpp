// A wrapper of eventfd(2) and poll(2).
#include "sqlgrey/base/event_fd.hpp"

#include <cerrno>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>

namespace sqlgrey::base {

EventFd::EventFd() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!fd_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

// Fails only if the counter is at its maximum, and then it is signalled already.
void EventFd::signal() const {
    ::eventfd_write(fd_.get(), 1);
}

void EventFd::clear() const {
    eventfd_t signals = 0;
    ::eventfd_read(fd_.get(), &signals);
}

// A duration, not a point in time: setting a clock in a test must not make the wait endless.
bool EventFd::wait(Milliseconds timeout) const {
    pollfd event{fd_.get(), POLLIN, 0};
    return ::poll(&event, 1, static_cast<int>(timeout.count())) > 0;
}

}  // namespace sqlgrey::base
