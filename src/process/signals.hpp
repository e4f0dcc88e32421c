// The master's signals as a descriptor (signalfd(2)), for the life of the object.
#pragma once

#include "sqlgrey/base/unique_fd.hpp"

#include <csignal>
#include <vector>

namespace sqlgrey::process {

class Signals {
  public:
    // Blocks TERM, INT, QUIT, HUP, USR1 and CHLD. Throws std::system_error.
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    int fd() const { return fd_.get(); }
    // Signals received since the last call, or some of them if there are many. Throws std::bad_alloc, and
    // then none was read.
    std::vector<int> take() const;

    // In a forked child: restores the mask from before the master started, except that TERM becomes readable
    // on the returned descriptor, and HUP, INT, QUIT, USR1 and PIPE are ignored: after ^C on a terminal or
    // killall, the master tells its children what to do.
    base::unique_fd reset_for_child();

  private:
    sigset_t before_{};
    base::unique_fd fd_;
};

}  // namespace sqlgrey::process
