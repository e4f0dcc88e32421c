// Readers of the values that replies are made from.
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/placeholders.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/values.hpp"
#include "sqlgrey/log/logger.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

namespace sqlgrey::config {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";
constexpr std::string_view digits = "0123456789";

// Postfix adds a code and the recipient, and a line of SMTP has at most 512 bytes.
constexpr std::size_t longest_text = 200;
constexpr std::size_t longest_header = 300;
constexpr std::size_t longest_refusal = 400;

constexpr std::string_view text_letters = "smr";
constexpr std::string_view header_letters = "tvdhw";

bool is_number(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest &&
           text.find_first_not_of(digits) == std::string_view::npos;
}

std::string_view first_word(std::string_view text) {
    return text.substr(0, text.find_first_of(blanks));
}

void expect(bool good, const std::string& what) {
    if (!good) throw std::invalid_argument("expected " + what);
}

// A blank is printable, a tab is not.
void expect_line(std::string_view text, const std::string& what, std::size_t longest) {
    const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
    expect(std::all_of(text.begin(), text.end(), printable) && text.size() <= longest,
           what + " of at most " + std::to_string(longest) +
               " bytes in printable ASCII: neither a reply nor a header may contain anything else");
}

void expect_placeholders(std::string_view text, const std::string& what, std::string_view letters) {
    const auto unknown = base::unknown_placeholder(text, letters);
    if (!unknown) return;
    std::string known;
    for (const char letter : letters) known += std::string{"%"} + letter + ", ";
    expect(false, what + " in which a percent sign is part of " + known + "or %%; \"" +
                      log::escape(*unknown) + "\" is not one of them");
}

// The class of a reply, from its code or word of access(5): '4', '5', or ' ' if the word gives no reply;
// nothing if it refuses nothing.
std::optional<char> class_of(const std::string& word) {
    constexpr std::array<std::string_view, 3> temporary{"defer", "defer_if_permit", "defer_if_reject"};
    if (is_number(word, 3) && word.size() == 3 && (word[0] == '4' || word[0] == '5')) return word[0];
    if (std::find(temporary.begin(), temporary.end(), word) != temporary.end()) return '4';
    if (word == "reject") return '5';
    if (word == "discard" || word == "hold") return ' ';
    return std::nullopt;
}

}  // namespace

std::string_view enhanced_code(std::string_view text) {
    const std::string_view word = first_word(text);
    const std::size_t dot = word.find('.', 2);
    if (word.size() < 5 || word[1] != '.' || dot == std::string_view::npos) return {};
    const bool fits = std::string_view{"245"}.find(word[0]) != std::string_view::npos &&
                      is_number(word.substr(2, dot - 2), 3) && is_number(word.substr(dot + 1), 3);
    return fits ? word : std::string_view{};
}

std::string read_reject_code(std::string_view text) {
    constexpr std::array<std::string_view, 4> words{"dunno", "defer", "defer_if_permit", "defer_if_reject"};
    const std::string value = base::ascii_lower(base::trimmed(text));
    if (std::find(words.begin(), words.end(), value) != words.end()) return value;
    const std::string_view code = first_word(value);
    const std::string_view enhanced = base::trimmed(std::string_view{value}.substr(code.size()));
    const bool three_digits = is_number(code, 3) && code.size() == 3;
    const bool temporary = enhanced.starts_with('4') && enhanced_code(enhanced) == enhanced;
    if (three_digits && code[0] == '4' && (enhanced.empty() || temporary)) {
        return enhanced.empty() ? std::string{code} : std::string{code} + ' ' + std::string{enhanced};
    }
    std::string expected =
        "expected a code from 400 to 499 (also with an enhanced code, such as 451 4.7.1), dunno, "
        "defer, defer_if_permit or defer_if_reject";
    if (three_digits && code[0] == '5') {
        expected += "; a 5xx code would make senders give up: greylisting must be temporary";
    }
    throw std::invalid_argument(expected);
}

std::string read_greylist_text(std::string_view value) {
    const std::string_view text = base::trimmed(value);
    expect_line(text, "a text", longest_text);
    expect_placeholders(text, "a text", text_letters);
    const std::string_view enhanced = enhanced_code(text);
    expect(enhanced.empty() || enhanced[0] == '4',
           "an enhanced code that begins with 4, as in 4.2.0, or none: greylisting must be temporary");
    return std::string{text};
}

std::string read_header(std::string_view value) {
    const std::string_view header = base::trimmed(value);
    if (header.empty()) return {};
    const std::size_t colon = std::min(header.find(':'), header.size());
    const std::string_view name = header.substr(0, colon);
    const auto fits = [](char c) { return c > ' ' && c <= '~' && c != '%'; };
    expect(!name.empty() && std::all_of(name.begin(), name.end(), fits) && colon < header.size(),
           "a header: a name without blanks, a colon and a text, as in X-Greylist: %w");
    const std::string_view text = base::trimmed(header.substr(colon + 1));
    expect(!text.empty(), "a text after the name of the header, as in X-Greylist: %w");
    expect_line(header, "a header", longest_header);
    expect_placeholders(text, "a header", header_letters);
    return std::string{name} + ": " + std::string{text};
}

std::string read_refusal(std::string_view value) {
    const std::string_view reply = base::trimmed(value);
    const std::string_view word = first_word(reply);
    const std::optional<char> kind = class_of(base::ascii_lower(word));
    expect(kind.has_value(),
           "a code from 400 to 599, reject, discard, hold, defer, defer_if_permit or defer_if_reject, "
           "and a text after it, as in 554 5.7.1 Mail from here is not accepted");
    const std::string_view text = base::trimmed(reply.substr(word.size()));
    expect_line(reply, "a reply", longest_refusal);
    const std::string_view enhanced = enhanced_code(text);
    expect(enhanced.empty() || *kind == ' ' || enhanced[0] == *kind,
           std::string{"an enhanced code that begins with "} + *kind + ", as the reply, or none");
    expect(
        *kind != '4' || !base::trimmed(text.substr(enhanced.size())).empty(),
        "a text after it: without one Postfix says Service unavailable, which fail2ban takes for an attack");
    return std::string{word} + (text.empty() ? "" : " ") + std::string{text};
}

}  // namespace sqlgrey::config
