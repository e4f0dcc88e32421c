// The daemon's side of the pid file; the other side is kill.cpp.
#include "sqlgrey/process/pid_file.hpp"

#include "pid_lock.hpp"
#include "sqlgrey/base/error.hpp"

#include <cerrno>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

namespace sqlgrey::process {

namespace {

using base::StartError;

constexpr base::Milliseconds pause_before_lock{10};
constexpr int tries_to_lock = 50;

base::unique_fd open_pid_file(const std::string& path) {
    base::unique_fd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644)};
    if (!fd && errno == ELOOP) throw StartError("the pid file " + path + " is a symbolic link; remove it");
    if (!fd)
        throw StartError(base::with_errno("cannot write the pid file " + path, errno) +
                         "; its directory must exist and be writable");
    if (!is_pid_file(fd.get()))
        throw StartError(path +
                         " is not a pid file, something else is in it; choose another name with --pidfile");
    return fd;
}

[[noreturn]] void throw_in_use(const std::string& path, std::optional<pid_t> holder) {
    throw StartError("sqlgrey is running already" +
                     (holder.value_or(0) > 0 ? " as process " + std::to_string(*holder) : std::string{}) +
                     ": it holds the pid file " + path);
}

}  // namespace

PidFile::PidFile(const std::string& path, base::unique_fd fd) : path_(path), fd_(std::move(fd)) {
}

PidFile::PidFile(const std::string& path) : PidFile(path, open_pid_file(path)) {
    if (const auto holder = lock_holder(fd_.get())) throw_in_use(path_, holder);
}

PidFile PidFile::of_successor(const std::string& path) {
    return PidFile(path, open_pid_file(path));
}

// Under the lock, so that a daemon that is just starting keeps its file.
PidFile::~PidFile() {
    struct stat status {};
    if (!fd_ || has_pid_ || !lock(fd_.get()) || !is_still(path_, fd_.get())) return;
    if (::fstat(fd_.get(), &status) == 0 && status.st_size == 0) ::unlink(path_.c_str());
}

void PidFile::write_own_pid() {
    if (!lock(fd_.get())) throw_in_use(path_, lock_holder(fd_.get()));
    // A daemon that was ending may have removed the file between open and lock.
    for (int tries = 0; !is_still(path_, fd_.get()); ++tries) {
        if (tries == 10)
            throw StartError("the pid file " + path_ + " is removed again and again by another process");
        fd_ = open_pid_file(path_);
        if (!lock(fd_.get())) throw_in_use(path_, lock_holder(fd_.get()));
    }
    put_own_pid();
}

void PidFile::put_own_pid() {
    const auto text = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd_.get(), 0) != 0 ||
        ::pwrite(fd_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        throw StartError(base::with_errno("cannot write the pid file " + path_, errno));
    has_pid_ = true;
}

void PidFile::share() {
    unlock_rest(fd_.get());
}

bool PidFile::take_share() {
    return is_still(path_, fd_.get()) && lock_rest(fd_.get());
}

// A process that is killed closes its descriptors one after the other, so its lock may outlive, by a moment,
// the socket that showed its end.
bool PidFile::take_whole() {
    for (int tries = 1; !lock(fd_.get()); ++tries) {
        if (tries == tries_to_lock) return false;
        std::this_thread::sleep_for(pause_before_lock);
    }
    put_own_pid();
    return true;
}

void PidFile::remove() {
    if (!fd_) return;
    if (is_still(path_, fd_.get()) && ::unlink(path_.c_str()) == 0) return;
    if (::ftruncate(fd_.get(), 0) != 0) return;  // nothing more can be done; a stale pid does no harm
}

std::optional<pid_t> running_daemon(const std::string& path) {
    const base::unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!fd || !is_pid_file(fd.get())) return {};
    return lock_holder(fd.get());
}

}  // namespace sqlgrey::process
