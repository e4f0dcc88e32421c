// Numbers, flags and lists. A reader throws the half sentence that follows name and value in a problem.
#include "sqlgrey/config/values.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace sqlgrey::config {
namespace {

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), base::is_digit);
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

std::vector<std::string> read_paths(std::string_view text) {
    std::vector<std::string> paths;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view path = base::trimmed(text.substr(0, comma));
        if (!path.empty()) paths.emplace_back(path);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return paths;
}

bool read_flag(std::string_view text) {
    const std::string word = base::ascii_lower(base::trimmed(text));
    if (word == "1" || word == "on" || word == "yes" || word == "true") return true;
    if (word == "0" || word == "off" || word == "no" || word == "false") return false;
    throw std::invalid_argument("expected on or off (1 and 0, yes and no mean the same)");
}

std::int64_t read_number(std::string_view text, NumberRange range) {
    const std::string_view digits = base::trimmed(text);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = all_digits(digits) && error == std::errc{} && end == digits.data() + digits.size();
    if (!whole || number < range.least || number > range.most) {
        throw std::invalid_argument("expected a whole number from " + std::to_string(range.least) + " to " +
                                    std::to_string(range.most));
    }
    return number;
}

unsigned read_mode(std::string_view text) {
    const std::string_view digits = base::trimmed(text);
    unsigned mode = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), mode, 8);
    if (error != std::errc{} || end != digits.data() + digits.size() || mode > 0777) {
        throw std::invalid_argument("expected an octal mode from 0000 to 0777, such as 0660");
    }
    return mode;
}

int read_level(std::string_view text) {
    const std::string_view word = base::trimmed(text);
    if (word == "O" || word == "o") return log::silent;
    if (word.size() == 1 && word[0] >= '0' && word[0] <= '4') return word[0] - '0';
    throw std::invalid_argument(
        "expected a level: 0 errors, 1 warnings, 2 normal, 3 verbose, 4 debug, or the letter O for nothing");
}

log::Levels read_levels(log::Levels levels, std::string_view text) {
    std::size_t at = 0;
    while (at <= text.size()) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        const std::string_view item = base::trimmed(text.substr(at, comma - at));
        at = comma + 1;
        if (item.empty()) continue;
        const std::size_t colon = item.find(':');
        const std::string pair = "expected category:level pairs with commas between them";
        if (colon == std::string_view::npos) {
            throw std::invalid_argument(pair + "; there is no ':' in \"" + log::escape(item) + '"');
        }
        const std::string_view word = base::trimmed(item.substr(0, colon));
        const auto category = log::category_named(word);
        if (!category) {
            throw std::invalid_argument(pair + "; \"" + log::escape(word) + "\" is not a category (" +
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

}  // namespace sqlgrey::config
