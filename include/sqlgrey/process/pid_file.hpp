// The pid file. A running daemon holds a lock on it, so a pid is never guessed.
//
// The lock is that of fcntl(2): the kernel knows the holder, and releases it when the process ends, however
// that happens. It is also released when the holder closes any descriptor of the file, so the master opens
// the file only once. Forked children do not inherit it and cannot release it.
#pragma once

#include "sqlgrey/base/time.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <optional>
#include <string>

#include <sys/types.h>

namespace sqlgrey::process {

// Held by the master for its lifetime. The process that calls write_own_pid() owns the lock.
class PidFile {
  public:
    // Opens or creates the file, and checks that no running daemon holds it. Throws base::StartError: it
    // cannot be written (why), is not a pid file (it contains something other than a number, and is left
    // alone), or is in use by which pid.
    explicit PidFile(const std::string& path);
    // Removes a file that was created here and never got a pid.
    ~PidFile();
    PidFile(PidFile&&) = default;

    // Locks the file and writes this process's pid. Throws base::StartError if another daemon was faster.
    void write_own_pid();
    // Removes the file, or empties it if that is not permitted (after privileges were dropped). A file that
    // belongs to another daemon by now is left alone. The lock is held until this object is destroyed.
    void remove();

  private:
    std::string path_;
    base::unique_fd fd_;
    bool has_pid_ = false;
};

// The daemon that holds the lock of this pid file; nothing if there is none, or the file cannot be read.
// Never throws. Not for the process that holds the lock.
std::optional<pid_t> running_daemon(const std::string& path);

// The result of --kill.
struct KillResult {
    bool ok;
    std::string message;  // one sentence for the administrator
};

// --kill (src/greylist/README.md section 11): sends SIGTERM to the daemon that holds the lock of this pid
// file, waits until it is gone (at most `timeout`), and removes the file. A process that does not hold the
// lock is never signalled; a pid file that no process holds is removed and reported as not running. Never
// throws. Not for the process that holds the lock.
KillResult kill_daemon(const std::string& path, base::Seconds timeout);

}  // namespace sqlgrey::process
