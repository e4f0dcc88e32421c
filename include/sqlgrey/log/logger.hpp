// Log lines in the form of SQLgrey 1.8, "<category>: <message>", with a level for each category
// (src/greylist/README.md section 10); or as JSON, one object a line.
//
// A Logger decides by category and level whether a line is written, escapes it and passes it to its Sink.
// Mail clients cannot forge a line: control characters and bytes that are not valid UTF-8 are written as
// \xHH. Several threads may use a Logger at once, except one made by together().
#pragma once

#include "sqlgrey/base/choices.hpp"
#include "sqlgrey/base/time.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::log {

using base::LogFormat;

enum class Category {
    grey,
    whitelist,
    optin,
    spam,
    mail,
    dbaccess,
    martians,
    perf,
    system,
    conf,
    other,
    admin
};
inline constexpr std::size_t category_count = 12;

// The word in the log line and in log_override.
std::string_view name(Category category);
// The category of that name, or nothing.
std::optional<Category> category_named(std::string_view word);
// "error", "warning", "normal", "verbose" or "debug".
std::string_view level_name(int level);

// A message is written if its level is at most that of its category. `silent` drops errors too.
enum Level : int { silent = -1, error = 0, warning = 1, normal = 2, verbose = 3, debug = 4 };

class Levels {
  public:
    explicit Levels(int all = normal) { levels_.fill(all); }
    void set(Category category, int level) { levels_[static_cast<std::size_t>(category)] = level; }
    int of(Category category) const { return levels_[static_cast<std::size_t>(category)]; }
    bool operator==(const Levels&) const = default;

  private:
    std::array<int, category_count> levels_{};
};

// Where lines go. write() takes one escaped line without line end. It must not throw (a line that cannot be
// written is lost), and several threads may call it at once.
class Sink {
  public:
    virtual ~Sink() = default;
    virtual void write(int level, std::string_view line) = 0;

    struct Line {
        int level;
        std::string text;
    };
    // Writes several lines in order.
    virtual void write_all(std::span<const Line> lines) {
        for (const Line& line : lines) write(line.level, line.text);
    }
};

// Writes to the syslog daemon that listens at `socket` (a datagram socket), facility mail, with this ident
// (empty: the program's name) and no pid, as sqlgrey-logstats expects.
//
// Neither this sink nor stderr_sink() waits for the reader of the log (src/log/writer.hpp). Lines that cannot
// be written are kept, up to 1 MB for each process; beyond that the oldest are dropped, and "N log lines were
// lost" is written when lines get through again. Sinks of one process with the same destination keep the
// order of their lines. A forked child inherits no kept lines.
inline constexpr const char* syslog_path = "/dev/log";
std::unique_ptr<Sink> syslog_sink(const std::string& ident, const std::string& socket = syslog_path);
// True if a syslog daemon listens at the socket.
bool reads_syslog(const std::string& socket = syslog_path);

// Whether lines on standard error start with the local time. They never do if systemd's journal reads
// standard error (JOURNAL_STREAM), because it adds its own.
enum class Stamps { no, yes };

// Writes to standard error, at most 4 kB at a time (PIPE_BUF), so that lines of several processes do not mix
// in a pipe.
std::unique_ptr<Sink> stderr_sink(Stamps stamps = Stamps::no);

// Called before a process ends: waits at most `limit` for kept lines to be written.
void finish(base::Milliseconds limit = base::Milliseconds{500});

// Appends lines to a vector, for tests.
class MemorySink final : public Sink {
  public:
    explicit MemorySink(std::vector<std::string>& lines) : lines_(lines) {}
    void write(int level, std::string_view line) noexcept override;

  private:
    std::mutex mutex_;
    std::vector<std::string>& lines_;
};

// Escapes as \xHH (lower case), byte by byte, what could forge or garble a log line: control characters,
// Unicode's line ends and direction marks, bytes that are not UTF-8. A backslash is not escaped.
std::string escape(std::string_view text);

// The rate limit for lines that clients can cause at will, for each category and process.
inline constexpr int limited_lines = 100;
inline constexpr base::Seconds limited_period{10};

class Limits;

class Logger {
  public:
    Logger(Levels levels, std::unique_ptr<Sink> sink, LogFormat format = LogFormat::classic);
    LogFormat format() const { return format_; }
    // True if a message of that category and level would be written.
    bool wants(Category category, int level) const { return level <= levels_.of(category); }
    // If wanted, writes "<category>: <message>", escaped; as JSON {"time", "category", "level", "message"}.
    void write(Category category, int level, std::string_view message) const;
    // Like write(), within the rate limit. Reaching the limit is logged at once, the number of dropped lines
    // before the first line of any kind after the period.
    void write_limited(Category category, int level, std::string_view message) const;
    // Writes a complete, already escaped line, if wanted.
    void write_line(Category category, int level, std::string_view line) const;
    void write_line_limited(Category category, int level, std::string_view line) const;
    // The following return a Logger that writes to this one, which must outlive it.
    // It writes all its lines together when it is destroyed. For one thread only.
    Logger together() const;
    // It writes no lines of that category.
    Logger without(Category category) const;
    // It writes "<category>: <prefix><message>".
    Logger with_prefix(std::string prefix) const;

  private:
    Logger(const Logger& other, std::unique_ptr<Sink> sink);
    std::string line_of(Category category, int level, std::string_view message) const;
    void log_dropped() const;

    Levels levels_;
    std::unique_ptr<Sink> sink_;
    LogFormat format_;
    std::shared_ptr<Limits> limits_;
    std::string prefix_;
};

}  // namespace sqlgrey::log
