#include "sqlgrey/notify/mail_alert.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/unique_fd.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

namespace sqlgrey::notify {
namespace {

std::string message(const std::string& to, const std::string& subject, const std::string& text) {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return "To: " + to + "\nSubject: " + subject + " (" + host.data() +
           ")\nAuto-Submitted: auto-generated\n\n" + log::escape(text) + "\n";
}

// For the spawned program: the pipe as input, no output, default signals.
class SpawnSettings {
  public:
    explicit SpawnSettings(int input) {
        ::posix_spawn_file_actions_init(&files_);
        ::posix_spawn_file_actions_adddup2(&files_, input, 0);
        ::posix_spawn_file_actions_addopen(&files_, 1, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_addopen(&files_, 2, "/dev/null", O_WRONLY, 0);
        ::posix_spawnattr_init(&attributes_);
        sigset_t none, all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnSettings() {
        ::posix_spawn_file_actions_destroy(&files_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    const posix_spawn_file_actions_t* files() const { return &files_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

  private:
    posix_spawn_file_actions_t files_;
    posix_spawnattr_t attributes_;
};

// Returns 0 or an error number.
int send(const MailSettings& settings, std::string mail) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
    const base::unique_fd reading(ends[0]), writing(ends[1]);
    const SpawnSettings spawn(reading.get());
    std::array<const char*, 6> arguments{settings.sendmail.c_str(), "-i",   "-oem", "--",
                                         settings.to.c_str(),       nullptr};
    std::array<const char*, 2> environment{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", nullptr};
    pid_t pid = 0;
    const int failed =
        ::posix_spawn(&pid, settings.sendmail.c_str(), spawn.files(), spawn.attributes(),
                      const_cast<char**>(arguments.data()), const_cast<char**>(environment.data()));
    if (failed) return failed;
    constexpr std::size_t fits_a_pipe = 4096;  // so that writing never waits
    mail.resize(std::min(mail.size(), fits_a_pipe));
    return ::write(writing.get(), mail.data(), mail.size()) < 0 ? errno : 0;
}

}  // namespace

Alert mail_alert(MailSettings settings, std::atomic<std::int64_t>& tokens, const base::Clock& clock,
                 const log::Logger& logger) {
    if (settings.to.empty()) return {};
    return [settings = std::move(settings), &tokens, &clock, &logger](const std::string& subject,
                                                                      const std::string& text) {
        if (!AlertRateLimit(tokens).take(clock.now())) return;
        const int failed = send(settings, message(settings.to, subject, text));
        if (failed == 0) return;
        logger.write(
            log::Category::mail, log::error,
            base::with_errno("failed to send a mail to " + settings.to + " by " + settings.sendmail, failed));
    };
}

}  // namespace sqlgrey::notify
