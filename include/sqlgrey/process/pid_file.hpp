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
    // For the successor of the daemon that holds it (process/replace.hpp). Throws base::StartError as above,
    // but not because it is in use.
    static PidFile of_successor(const std::string& path);
    // Removes a file that was created here and never got a pid.
    ~PidFile();
    PidFile(PidFile&&) = default;

    // Locks the file and writes this process's pid. Throws base::StartError if another daemon was faster.
    void write_own_pid();
    // Removes the file, or empties it if that is not permitted (after privileges were dropped). A file that
    // belongs to another daemon by now is left alone. The lock is held until this object is destroyed.
    void remove();

    // How the lock passes to a successor without a moment in which nobody holds it. The old daemon shares it,
    // and then the new one takes its share; false if it cannot, because somebody else has it.
    void share();
    bool take_share();
    // For the new daemon, once it serves: its pid is in the file from now on.
    void put_own_pid();
    // For the one of them that remains: locks the whole file, and its own pid is in it. False if the other
    // one still has its share, for whose end it waits half a second at most.
    bool take_whole();
    // For the old daemon at its end: unlocks the file, which belongs to the successor now.
    void leave_to_successor() { fd_.reset(); }

  private:
    PidFile(const std::string& path, base::unique_fd fd);

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
// file, waits until it is gone (at most `timeout`), and removes the file; the same with a successor that is
// just replacing it. A process that does not hold the
// lock is never signalled; a pid file that no process holds is removed and reported as not running. Never
// throws. Not for the process that holds the lock.
KillResult kill_daemon(const std::string& path, base::Seconds timeout);

}  // namespace sqlgrey::process
