// Numbers, switches, words and lists. What each reader throws is the half sentence that follows
// the name and the value in a problem.
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace sqlgrey::config {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// "4.7.1": three numbers of one to three digits, the first of them 4.
bool is_temporary_enhanced_code(std::string_view text) {
    if (!text.starts_with("4.")) return false;
    const std::string_view rest = text.substr(2);
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return false;
    const auto fits = [](std::string_view part) { return all_digits(part) && part.size() <= 3; };
    return fits(rest.substr(0, dot)) && fits(rest.substr(dot + 1));
}

std::string category_names() {
    std::string names;
    for (std::size_t i = 0; i < log::category_count; ++i) {
        if (i > 0) names += ", ";
        names += log::name(static_cast<log::Category>(i));
    }
    return names;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::vector<std::string> read_list(std::string_view text) {
    constexpr std::string_view separators = ", \t\r\n\v\f";
    std::vector<std::string> items;
    for (std::size_t at = text.find_first_not_of(separators); at != std::string_view::npos;
         at = text.find_first_not_of(separators, at)) {
        const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
        items.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return items;
}

bool read_flag(std::string_view text) {
    const std::string word = lower(trimmed(text));
    if (word == "1" || word == "on" || word == "yes" || word == "true") return true;
    if (word == "0" || word == "off" || word == "no" || word == "false") return false;
    throw std::invalid_argument("expected on or off (1 and 0, yes and no mean the same)");
}

long long read_number(std::string_view text, NumberRange range) {
    const std::string_view digits = trimmed(text);
    long long number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = all_digits(digits) && error == std::errc{} && end == digits.data() + digits.size();
    if (!whole || number < range.least || number > range.most) {
        throw std::invalid_argument("expected a whole number from " + std::to_string(range.least) + " to " +
                                    std::to_string(range.most));
    }
    return number;
}

unsigned read_mode(std::string_view text) {
    const std::string_view digits = trimmed(text);
    unsigned mode = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), mode, 8);
    if (error != std::errc{} || end != digits.data() + digits.size() || mode > 0777) {
        throw std::invalid_argument("expected an octal mode from 0000 to 0777, such as 0660");
    }
    return mode;
}

int read_level(std::string_view text) {
    const std::string_view word = trimmed(text);
    if (word == "O" || word == "o") return log::silent;
    if (word.size() == 1 && word[0] >= '0' && word[0] <= '4') return word[0] - '0';
    throw std::invalid_argument(
        "expected a level: 0 errors, 1 warnings, 2 normal, 3 verbose, 4 debug, or the letter O for nothing");
}

log::Levels read_levels(log::Levels levels, std::string_view text) {
    std::size_t at = 0;
    while (at <= text.size()) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        const std::string_view item = trimmed(text.substr(at, comma - at));
        at = comma + 1;
        if (item.empty()) continue;
        const std::size_t colon = item.find(':');
        const std::string pair = "expected category:level pairs with commas between them";
        if (colon == std::string_view::npos) {
            throw std::invalid_argument(pair + "; there is no ':' in \"" + log::escape(item) + '"');
        }
        const std::string_view word = trimmed(item.substr(0, colon));
        const auto category = log::category_named(word);
        if (!category) {
            throw std::invalid_argument(pair + "; \"" + log::escape(word) + "\" is no category (" +
                                        category_names() + ")");
        }
        try {
            levels.set(*category, read_level(item.substr(colon + 1)));
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(pair + "; \"" + log::escape(item) + "\": " + error.what());
        }
    }
    return levels;
}

std::string read_reject_code(std::string_view text) {
    constexpr std::array<std::string_view, 4> words{"dunno", "defer", "defer_if_permit", "defer_if_reject"};
    const std::string value = lower(trimmed(text));
    if (std::find(words.begin(), words.end(), value) != words.end()) return value;
    const std::string_view code = std::string_view{value}.substr(0, value.find_first_of(blanks));
    const std::string_view enhanced = trimmed(std::string_view{value}.substr(code.size()));
    const bool three_digits = all_digits(code) && code.size() == 3;
    if (three_digits && code[0] == '4' && (enhanced.empty() || is_temporary_enhanced_code(enhanced))) {
        return enhanced.empty() ? std::string{code} : std::string{code} + ' ' + std::string{enhanced};
    }
    std::string expected =
        "expected a code from 400 to 499 (also with an enhanced code, such as 451 4.7.1), dunno, defer, "
        "defer_if_permit or defer_if_reject";
    if (three_digits && code[0] == '5') {
        expected += "; a 5xx code would make senders give up: greylisting must be temporary";
    }
    throw std::invalid_argument(expected);
}

}  // namespace sqlgrey::config
