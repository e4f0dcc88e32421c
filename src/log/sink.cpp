// Where log lines go: syslog, standard error, or a test's vector. A line that cannot be written
// is lost: the daemon goes on.
#include "sqlgrey/log/logger.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
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
    void write(int, std::string_view line) noexcept override {
        Pieces pieces;
        pieces.add(line);
        pieces.write();
    }
    void write_all(std::span<const Line> lines) noexcept override {
        Pieces pieces;
        for (const Line& line : lines) {
            if (!pieces.has_room_for(line.text)) pieces.write();
            pieces.add(line.text);
        }
        pieces.write();
    }

  private:
    // Lines with their ends, for one system call.
    class Pieces {
      public:
        bool has_room_for(std::string_view line) const {
            return count_ + 2 <= parts_.size() && size_ + line.size() + 1 <= PIPE_BUF;
        }
        void add(std::string_view line) {
            parts_[count_++] = {const_cast<char*>(line.data()), line.size()};
            parts_[count_++] = {const_cast<char*>("\n"), 1};
            size_ += line.size() + 1;
        }
        void write() {
            while (count_ > 0 && ::writev(STDERR_FILENO, parts_.data(), static_cast<int>(count_)) < 0 &&
                   errno == EINTR) {
            }
            count_ = size_ = 0;
        }

      private:
        std::array<iovec, 128> parts_{};
        std::size_t count_ = 0;
        std::size_t size_ = 0;
    };
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
