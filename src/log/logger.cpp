// The names of the categories, escaping, and which lines are written.
#include "sqlgrey/log/logger.hpp"

#include "limits.hpp"
#include "sqlgrey/base/control_character.hpp"
#include "sqlgrey/base/utf8.hpp"
#include "sqlgrey/log/json_line.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sqlgrey::log {
namespace {

constexpr std::array<std::string_view, category_count> category_names{
    "grey",     "whitelist", "optin",  "spam", "mail",  "dbaccess",
    "martians", "perf",      "system", "conf", "other", "admin"};

constexpr std::array<std::string_view, 5> level_names{"error", "warning", "normal", "verbose", "debug"};

void append_hex(std::string& out, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += "\\x";
        out += digits[byte >> 4];
        out += digits[byte & 0xf];
    }
}

class KeepingSink final : public Sink {
  public:
    explicit KeepingSink(Sink& to) : to_(to) {}
    ~KeepingSink() override { to_.write_all(lines_); }
    void write(int level, std::string_view line) override { lines_.push_back({level, std::string{line}}); }

  private:
    Sink& to_;
    std::vector<Line> lines_;
};

class PassingSink final : public Sink {
  public:
    explicit PassingSink(Sink& to) : to_(to) {}
    void write(int level, std::string_view line) override { to_.write(level, line); }

  private:
    Sink& to_;
};

// U+202A to U+202E, U+2066 to U+2069, U+200E, U+200F and U+061C (Unicode's Bidi_Control): a terminal shows
// what comes after them in another order, so that an address could pose as another.
constexpr bool is_direction_mark(std::string_view character) {
    return (character >= "\u202a" && character <= "\u202e") ||
           (character >= "\u2066" && character <= "\u2069") || character == "\u200e" ||
           character == "\u200f" || character == "\u061c";
}

// Some log viewers break lines at U+2028 and U+2029, Unicode's line ends.
bool may_stand(std::string_view character) {
    return !base::is_control(character) && !is_direction_mark(character) && character != "\u2028" &&
           character != "\u2029";
}

void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t run = base::printable_ascii_run(text);
        const std::size_t length = run > 0 ? run : base::utf8_sequence(text);
        const std::string_view bytes = text.substr(0, std::max<std::size_t>(length, 1));
        if (run > 0 || (length > 0 && may_stand(bytes)))
            out += bytes;
        else
            append_hex(out, bytes);
        text.remove_prefix(bytes.size());
    }
}

}  // namespace

std::string_view name(Category category) {
    return category_names[static_cast<std::size_t>(category)];
}

std::optional<Category> category_named(std::string_view word) {
    const auto found = std::find(category_names.begin(), category_names.end(), word);
    if (found == category_names.end()) return std::nullopt;
    return static_cast<Category>(found - category_names.begin());
}

std::string_view level_name(int level) {
    return level_names[static_cast<std::size_t>(std::clamp<int>(level, error, debug))];
}

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_escaped(out, text);
    return out;
}

Logger::Logger(Levels levels, std::unique_ptr<Sink> sink, LogFormat format)
    : levels_(levels), sink_(std::move(sink)), format_(format), limits_(std::make_shared<Limits>()) {
}

Logger::Logger(const Logger& other, std::unique_ptr<Sink> sink)
    : levels_(other.levels_),
      sink_(std::move(sink)),
      format_(other.format_),
      limits_(other.limits_),
      prefix_(other.prefix_) {
}

std::string Logger::line_of(Category category, int level, std::string_view message) const {
    if (format_ == LogFormat::json)
        return JsonLine(category, level).text("message", prefix_ + std::string{message}).line();
    const std::string_view word = name(category);
    std::string line;
    line.reserve(word.size() + 2 + prefix_.size() + message.size());
    line.append(word).append(": ").append(prefix_);
    append_escaped(line, message);
    return line;
}

void Logger::write(Category category, int level, std::string_view message) const {
    if (wants(category, level)) write_line(category, level, line_of(category, level, message));
}

void Logger::write_line(Category category, int level, std::string_view line) const {
    if (!wants(category, level)) return;
    if (limits_->has_dropped()) log_dropped();
    sink_->write(level, line);
}

void Logger::write_limited(Category category, int level, std::string_view message) const {
    if (wants(category, level)) write_line_limited(category, level, line_of(category, level, message));
}

void Logger::write_line_limited(Category category, int level, std::string_view line) const {
    if (!wants(category, level)) return;
    if (limits_->has_dropped()) log_dropped();
    const Limits::Verdict verdict = limits_->take(category, std::chrono::steady_clock::now());
    if (verdict == Limits::Verdict::drop) return;
    sink_->write(level, line);
    if (verdict != Limits::Verdict::last) return;
    sink_->write(warning, line_of(category, warning,
                                  std::to_string(limited_lines) + " lines of this kind within " +
                                      std::to_string(limited_period.count()) +
                                      " s: further ones are counted and not written"));
}

void Logger::log_dropped() const {
    for (const Limits::Dropped& dropped : limits_->over(std::chrono::steady_clock::now()))
        sink_->write(warning, line_of(dropped.category, warning,
                                      std::to_string(dropped.lines) + " further lines were not written"));
}

Logger Logger::together() const {
    return {*this, std::make_unique<KeepingSink>(*sink_)};
}

Logger Logger::without(Category category) const {
    Logger logger{*this, std::make_unique<PassingSink>(*sink_)};
    logger.levels_.set(category, silent);
    return logger;
}

Logger Logger::with_prefix(std::string prefix) const {
    Logger logger{*this, std::make_unique<PassingSink>(*sink_)};
    logger.prefix_ = std::move(prefix);
    return logger;
}

}  // namespace sqlgrey::log
