// Log lines as SQLgrey 1.8 writes them: "<category>: <message>", a level for each category
// (src/greylist/README.md section 10); or as JSON, one object a line.
//
// A Logger decides by category and level whether a line is written, escapes it and hands it to
// its Sink. Nothing that a mail client sends can forge a line: control characters and bytes
// that are not valid UTF-8 are written as \xHH.
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

// 0 errors, 1 warnings, 2 normal, 3 verbose, 4 debug; a message is written if its level is at
// most its category's. `silent` also drops errors.
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

// Where lines go. write() gets one escaped line without line end; it must not throw (a line that
// cannot be written is lost) and must be callable from several threads at once.
class Sink {
  public:
    virtual ~Sink() = default;
    virtual void write(int level, std::string_view line) = 0;

    struct Line {
        int level;
        std::string text;
    };
    // Several lines in their order; one call where that is cheaper.
    virtual void write_all(std::span<const Line> lines) {
        for (const Line& line : lines) write(line.level, line.text);
    }
};

// Lines to the syslog daemon that listens at `socket` (a datagram socket), facility mail, with the given
// ident (empty: the program's name) and no pid: what sqlgrey-logstats reads.
//
// Neither this sink nor the next ever waits for the reader of the log (src/log/writer.hpp): lines that cannot
// be written are kept, 1 MB of them for each process, the oldest are dropped, and "N log lines were lost" is
// told when lines get through again. Sinks of one process with the same destination keep their lines in
// order. A forked child begins with nothing kept.
inline constexpr const char* syslog_path = "/dev/log";
std::unique_ptr<Sink> syslog_sink(const std::string& ident, const std::string& socket = syslog_path);
// True if a syslog daemon has that socket open.
bool reads_syslog(const std::string& socket = syslog_path);

// Whether the local time stands in front of a line. It does not where systemd's journal reads standard error
// and has its own (JOURNAL_STREAM).
enum class Stamps { no, yes };

// Standard error: lines that are written together go in system calls of at most 4 KB (what a pipe takes in
// one piece), so that lines of several processes do not mix.
std::unique_ptr<Sink> stderr_sink(Stamps stamps = Stamps::no);

// Before a process ends: waits at most that long for lines that could not be written at once.
void finish(base::Milliseconds limit = base::Milliseconds{500});

// For tests: keeps the lines.
class MemorySink final : public Sink {
  public:
    explicit MemorySink(std::vector<std::string>& lines) : lines_(lines) {}
    void write(int level, std::string_view line) noexcept override;

  private:
    std::mutex mutex_;
    std::vector<std::string>& lines_;
};

// The text with everything that could forge or garble a log line escaped byte by byte as \xHH (hex
// in lower case): control characters, the line ends of Unicode, bytes that are not UTF-8. A backslash
// stays itself.
std::string escape(std::string_view text);

// Of the lines that a client can cause at will, a process writes so many of a category in so long a time.
inline constexpr int limited_lines = 100;
inline constexpr base::Seconds limited_period{10};

class Limits;

class Logger {
  public:
    Logger(Levels levels, std::unique_ptr<Sink> sink, LogFormat format = LogFormat::classic);
    LogFormat format() const { return format_; }
    // True if a message of that category and level would be written.
    bool wants(Category category, int level) const { return level <= levels_.of(category); }
    // Writes "<category>: <message>", escaped, if it is wanted; as JSON the object {"time", "category",
    // "level", "message"}.
    void write(Category category, int level, std::string_view message) const;
    // As write(), within the limit above. That it is reached is told at once, how many lines were dropped
    // with the first line of any kind after the period.
    void write_limited(Category category, int level, std::string_view message) const;
    // Writes a whole line, which the caller has escaped, if it is wanted.
    void write_line(Category category, int level, std::string_view line) const;
    void write_line_limited(Category category, int level, std::string_view line) const;
    // One that keeps its lines, and writes them here together when it goes. For one thread.
    Logger together() const;
    // One that writes its lines here, but none of that category. This one must outlive it.
    Logger without(Category category) const;
    // One that writes its lines here, each as "<category>: <prefix><message>". This one must outlive it.
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
