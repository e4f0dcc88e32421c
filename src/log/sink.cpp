// Where log lines go: syslog, standard error, or a test's vector. A line that cannot be written
// is lost: the daemon goes on.
#include "sqlgrey/log/logger.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <set>

#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

namespace sqlgrey::log {
namespace {

int priority(int level) {
    if (level <= error) return LOG_ERR;
    if (level == warning) return LOG_WARNING;
    return level >= debug ? LOG_DEBUG : LOG_INFO;
}

// openlog(3) keeps the pointer it is given for the rest of the process, so the text must stay
// where it is. A sink cannot own it and take it along: while settings are reloaded the old sink
// goes after the new one has come, and its closelog(3) would take the ident from both.
const char* kept_for_ever(const std::string& ident) {
    static std::mutex mutex;
    static std::set<std::string> idents;
    const std::lock_guard lock(mutex);
    return idents.insert(ident).first->c_str();
}

class SyslogSink final : public Sink {
  public:
    explicit SyslogSink(const std::string& ident) {
        ::openlog(ident.empty() ? nullptr : kept_for_ever(ident), LOG_NDELAY, LOG_MAIL);
    }
    void write(int level, std::string_view line) noexcept override {
        constexpr std::size_t most = std::numeric_limits<int>::max();
        ::syslog(priority(level), "%.*s", static_cast<int>(std::min(line.size(), most)), line.data());
    }
};

class StderrSink final : public Sink {
  public:
    // One system call a line, so that lines of several processes do not mix.
    void write(int, std::string_view line) noexcept override {
        char line_end = '\n';
        const std::array<iovec, 2> parts{iovec{const_cast<char*>(line.data()), line.size()},
                                         iovec{&line_end, 1}};
        while (::writev(STDERR_FILENO, parts.data(), static_cast<int>(parts.size())) < 0 && errno == EINTR) {
        }
    }
};

}  // namespace

std::unique_ptr<Sink> syslog_sink(const std::string& ident) {
    return std::make_unique<SyslogSink>(ident);
}

std::unique_ptr<Sink> stderr_sink() {
    return std::make_unique<StderrSink>();
}

void MemorySink::write(int, std::string_view line) noexcept {
    try {
        const std::lock_guard lock(mutex_);
        lines_.emplace_back(line);
    } catch (...) {
        // Out of memory: the line is lost, as with the other sinks.
    }
}

}  // namespace sqlgrey::log
