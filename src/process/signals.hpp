// The master's signals as a descriptor (signalfd(2)), for as long as the object lives.
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
    // Those that have come since the last call; some of them if they are many. Throws std::bad_alloc, and
    // then none has been taken.
    std::vector<int> take() const;

    // In a forked child: as before the master began, but for TERM, which becomes readable on the
    // descriptor returned, and HUP, INT, QUIT, USR1 and PIPE, which are ignored: a terminal's ^C and an
    // admin's killall are the master's to pass on.
    base::unique_fd reset_for_child();

  private:
    sigset_t before_{};
    base::unique_fd fd_;
};

}  // namespace sqlgrey::process
