// The pid file: one running daemon holds a lock on it, so that no pid is ever guessed.
//
// The lock is fcntl(2)'s: the kernel tells who holds it, and it goes with the process, however that
// ends. It also goes when the holder closes any descriptor of the file, so the master never opens it twice.
// Children forked later do not have it and cannot lose it.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <optional>
#include <string>

#include <sys/types.h>

namespace sqlgrey::process {

// Held by the master for its lifetime. The lock belongs to the process that calls write_own_pid().
class PidFile {
  public:
    // Opens or creates it and checks that no running daemon holds it. Throws base::StartError: cannot be
    // written (why), not a pid file (anything but a number in it: it is left alone), or in use by which pid.
    explicit PidFile(const std::string& path);
    // A file that was made here and never got a pid goes again.
    ~PidFile();
    PidFile(PidFile&&) = default;

    // Locks and writes this process's pid. Throws base::StartError if another daemon was faster.
    void write_own_pid();
    // Removes the file if it may, else empties it (after privileges were dropped the directory
    // may be out of reach). A file that has been replaced by another daemon's is left alone. The lock stays
    // until this object goes.
    void remove();

  private:
    std::string path_;
    base::unique_fd fd_;
    bool has_pid_ = false;
};

// The daemon that holds the lock of this pid file; nothing if none does, or the file cannot be read. Never
// throws. Not to be called in the process that holds the lock.
std::optional<pid_t> running_daemon(const std::string& path);

struct KillResult {
    bool ok;
    std::string message;  // one sentence for the admin
};

// --kill (src/greylist/README.md section 11): SIGTERM to the daemon that holds the lock of this pid file,
// waits until it is gone (at most `timeout`), removes the file. A process that does not hold the lock is
// never signalled; a pid file that no process holds is removed and reported as not running. Never throws. Not
// to be called in the process that holds the lock.
KillResult kill_daemon(const std::string& path, base::Seconds timeout);

}  // namespace sqlgrey::process
