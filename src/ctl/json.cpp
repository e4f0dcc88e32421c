#include "json.hpp"

#include "sqlgrey/base/utf8.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <stdexcept>

namespace sqlgrey::ctl {
namespace {

constexpr unsigned byte_escape = 0xdc00;  // plus the byte, which is 0x80 or more

void append_escape(std::string& out, unsigned unit) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "\\u%04x", unit);
    out += text.data();
}

void append_utf8(std::string& out, unsigned point) {
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xc0 | point >> 6);
        out += static_cast<char>(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        out += static_cast<char>(0xe0 | point >> 12);
        out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (point & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | point >> 18);
        out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (point & 0x3f));
    }
}

// Parses one line as an object.
class Reader {
  public:
    explicit Reader(std::string_view line) : line_(line) {}

    JsonObject object() {
        JsonObject found;
        take('{');
        if (!next_is('}')) {
            do {
                const std::string name = text();
                take(':');
                if (!found.emplace(name, value()).second) refuse("each name once");
            } while (next_is(','));
            take('}');
        }
        skip_blanks();
        if (at_ != line_.size()) refuse("the end of the line");
        return found;
    }

  private:
    [[noreturn]] void refuse(const std::string& expected) const {
        throw std::invalid_argument("expected " + expected + " at byte " + std::to_string(at_ + 1));
    }
    void skip_blanks() {
        while (at_ < line_.size() && std::string_view{" \t\r\n"}.find(line_[at_]) != std::string_view::npos)
            ++at_;
    }
    bool next_is(char wanted) {
        skip_blanks();
        if (at_ == line_.size() || line_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    void take(char wanted) {
        if (!next_is(wanted)) refuse(std::string{"'"} + wanted + "'");
    }
    bool word(std::string_view wanted) {
        if (!line_.substr(at_).starts_with(wanted)) return false;
        at_ += wanted.size();
        return true;
    }

    Cell value() {
        skip_blanks();
        if (at_ < line_.size() && line_[at_] == '"') return text();
        if (word("null")) return {};
        if (word("true")) return true;
        if (word("false")) return false;
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(line_.data() + at_, line_.data() + line_.size(), number);
        if (error != std::errc{}) refuse("a text, a whole number, true, false or null");
        at_ = static_cast<std::size_t>(end - line_.data());
        return number;
    }

    std::string text() {
        take('"');
        std::string out;
        while (true) {
            if (at_ == line_.size()) refuse("'\"'");
            const char c = line_[at_];
            if (c == '"') break;
            if (static_cast<unsigned char>(c) < ' ') refuse("no control character in a text");
            ++at_;
            if (c == '\\')
                escape(out);
            else
                out += c;
        }
        ++at_;
        return out;
    }

    void escape(std::string& out) {
        constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
        if (at_ == line_.size()) refuse("an escape");
        const char c = line_[at_++];
        if (const std::size_t n = letters.find(c); n != std::string_view::npos) {
            out += meant[n];
            return;
        }
        if (c != 'u') refuse("an escape of JSON");
        const unsigned unit = hex();
        if (unit >= 0xd800 && unit < 0xdc00 && word("\\u")) {
            const unsigned low = hex();
            if (low < 0xdc00 || low > 0xdfff) refuse("the second half of a surrogate pair");
            append_utf8(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
        } else if (unit >= byte_escape + 0x80 && unit <= byte_escape + 0xff) {
            out += static_cast<char>(unit - byte_escape);
        } else if (unit >= 0xd800 && unit < 0xe000) {
            refuse("a surrogate pair");
        } else {
            append_utf8(out, unit);
        }
    }

    unsigned hex() {
        unsigned unit = 0;
        const std::string_view digits = line_.substr(at_, 4);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
        if (error != std::errc{} || end != digits.data() + 4) refuse("four hexadecimal digits");
        at_ += 4;
        return unit;
    }

    std::string_view line_;
    std::size_t at_ = 0;
};

// The range of rfc3339(): 1970 to 9999.
constexpr base::Time first_time = std::chrono::sys_days{std::chrono::year{1970} / 1 / 1};
constexpr base::Time end_of_times = std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1};

bool is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Cuts a number of exactly `digits` digits, and the character `end` unless it is 0, off the start of `text`.
// Nothing if they are not there.
std::optional<int> take_number(std::string_view& text, std::size_t digits, char end) {
    if (text.size() < digits + (end ? 1 : 0)) return {};
    int number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + digits, number);
    if (error != std::errc{} || stop != text.data() + digits || text[0] == '-') return {};
    if (end && text[digits] != end) return {};
    text.remove_prefix(digits + (end ? 1 : 0));
    return number;
}

// The offset of a time zone, in seconds east of UTC.
std::optional<int> zone_of(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return {};
    const int sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    const auto hours = take_number(text, 2, ':'), minutes = take_number(text, 2, 0);
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return {};
    return sign * (*hours * 3600 + *minutes * 60);
}

}  // namespace

std::string json_text(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::size_t length = base::utf8_sequence(text);
        const auto first = static_cast<unsigned char>(text[0]);
        if (length == 0)
            append_escape(out, byte_escape + first);
        else if (first == '"' || first == '\\')
            out += std::string{'\\', text[0]};
        else if (first < 0x20 || first == 0x7f)
            append_escape(out, first);
        else if (length == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0)
            append_escape(out, static_cast<unsigned char>(text[1]));  // C1: terminals obey some
        else
            out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out + '"';
}

std::string json_value(const Cell& cell) {
    struct Json {
        std::string operator()(std::monostate) const { return "null"; }
        std::string operator()(const std::string& text) const { return json_text(text); }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(bool yes) const { return yes ? "true" : "false"; }
        std::string operator()(base::Time time) const { return '"' + rfc3339(time) + '"'; }
    };
    return std::visit(Json{}, cell);
}

std::optional<base::Time> read_rfc3339(std::string_view text) {
    const auto year = take_number(text, 4, '-'), month = take_number(text, 2, '-'),
               day = take_number(text, 2, 0);
    if (!year || !month || !day || *year < 1970 || *month < 1 || *month > 12 || *day < 1) return {};
    constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int days = lengths[static_cast<std::size_t>(*month - 1)] + (*month == 2 && is_leap(*year) ? 1 : 0);
    if (*day > days) return {};
    const std::chrono::sys_days date{std::chrono::year{*year} / *month / *day};
    if (text.empty()) return date;
    if (text[0] != 'T' && text[0] != ' ') return {};
    text.remove_prefix(1);
    const auto hours = take_number(text, 2, ':'), minutes = take_number(text, 2, ':'),
               seconds = take_number(text, 2, 0);
    const auto zone = zone_of(text);
    if (!hours || !minutes || !seconds || !zone || *hours > 23 || *minutes > 59 || *seconds > 60) return {};
    const base::Time time =
        date + std::chrono::hours{*hours} + std::chrono::minutes{*minutes} + base::Seconds{*seconds - *zone};
    if (time < first_time || time >= end_of_times) return {};  // by its zone
    return time;
}

JsonObject read_json_object(std::string_view line) {
    return Reader(line).object();
}

}  // namespace sqlgrey::ctl
