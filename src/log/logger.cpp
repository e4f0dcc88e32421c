// The names of the categories, escaping, and the choice of what is written.
#include "sqlgrey/log/logger.hpp"

#include "sqlgrey/base/control_character.hpp"
#include "sqlgrey/base/utf8.hpp"

#include <algorithm>

namespace sqlgrey::log {
namespace {

constexpr std::array<std::string_view, category_count> category_names{
    "grey", "whitelist", "optin", "spam", "mail", "dbaccess", "martians", "perf", "system", "conf", "other"};

void append_hex(std::string& out, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const unsigned char byte : bytes) {
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

// U+2028 and U+2029 are the line ends of Unicode: some viewers of logs break a line there.
bool may_stand(std::string_view character) {
    return !base::is_control(character) && character != "\u2028" && character != "\u2029";
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

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_escaped(out, text);
    return out;
}

void Logger::write(Category category, int level, std::string_view message) const {
    if (!wants(category, level)) return;
    const std::string_view word = name(category);
    std::string line;
    line.reserve(word.size() + 2 + message.size());
    line.append(word).append(": ");
    append_escaped(line, message);
    sink_->write(level, line);
}

Logger Logger::together() const {
    return {levels_, std::make_unique<KeepingSink>(*sink_)};
}

Logger Logger::without(Category category) const {
    Levels levels = levels_;
    levels.set(category, silent);
    return {levels, std::make_unique<PassingSink>(*sink_)};
}

}  // namespace sqlgrey::log
