// The sinks: syslog, standard error, a vector for tests; and what precedes a line in each.
#include "sqlgrey/log/logger.hpp"
#include "writer.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

namespace sqlgrey::log {
namespace {

int priority(int level) {
    if (level <= error) return LOG_ERR;
    if (level == warning) return LOG_WARNING;
    return level >= debug ? LOG_DEBUG : LOG_INFO;
}

// The local time as text, formatted at most once a second.
class Stamp {
  public:
    explicit Stamp(const char* format) : format_(format) {}
    std::string_view now() {
        const std::time_t second = std::time(nullptr);
        if (second == second_) return text_;
        std::tm time{};
        ::localtime_r(&second, &time);
        std::array<char, 64> text{};
        text_.assign(text.data(), std::strftime(text.data(), text.size(), format_, &time));
        second_ = second;
        return text_;
    }

  private:
    const char* format_;
    std::time_t second_ = -1;
    std::string text_;
};

// The format of syslog(3), without a pid.
class SyslogFormat final : public Format {
  public:
    explicit SyslogFormat(const std::string& ident)
        : tag_((ident.empty() ? std::string{program_invocation_short_name} : ident) + ": ") {}
    void append(std::string& bytes, int level, std::string_view line) const override {
        thread_local Stamp stamp("%b %e %H:%M:%S ");
        bytes.append("<").append(std::to_string(LOG_MAIL | priority(level))).append(">");
        bytes.append(stamp.now()).append(tag_).append(line);
    }

  private:
    std::string tag_;
};

class LineFormat final : public Format {
  public:
    explicit LineFormat(Stamps stamps) : stamps_(stamps == Stamps::yes) {}
    void append(std::string& bytes, int, std::string_view line) const override {
        thread_local Stamp stamp("%Y-%m-%dT%H:%M:%S%z ");
        if (stamps_) bytes.append(stamp.now());
        bytes.append(line).append("\n");
    }

  private:
    bool stamps_;
};

class WritingSink final : public Sink {
  public:
    WritingSink(Writer& writer, std::shared_ptr<const Format> format)
        : writer_(writer), format_(std::move(format)) {}
    void write(int level, std::string_view line) override {
        const std::array<Line, 1> lines{Line{level, std::string{line}}};
        writer_.write(format_, lines);
    }
    void write_all(std::span<const Line> lines) override { writer_.write(format_, lines); }

  private:
    Writer& writer_;
    std::shared_ptr<const Format> format_;
};

// JOURNAL_STREAM is device and inode of the socket that systemd has connected to standard error. They are
// compared because programs inherit the variable but may have another standard error.
bool journal_reads_standard_error() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    unsigned long long device = 0, inode = 0;
    struct stat status {};
    return stream != nullptr && std::sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
           ::fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

}  // namespace

std::unique_ptr<Sink> syslog_sink(const std::string& ident, const std::string& socket) {
    return std::make_unique<WritingSink>(writer_to(socket), std::make_shared<const SyslogFormat>(ident));
}

std::unique_ptr<Sink> stderr_sink(Stamps stamps) {
    const Stamps wanted = journal_reads_standard_error() ? Stamps::no : stamps;
    return std::make_unique<WritingSink>(writer_to(""), std::make_shared<const LineFormat>(wanted));
}

void MemorySink::write(int, std::string_view line) noexcept {
    try {
        const std::lock_guard lock(mutex_);
        lines_.emplace_back(line);
    } catch (...) {
        // Out of memory: the line is lost.
    }
}

}  // namespace sqlgrey::log
