#include "replies.hpp"

#include <algorithm>

namespace sqlgrey::milter {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Removes "4.7.1 " from the front and returns it without the blank; empty if there is none.
std::string_view take_enhanced_code(std::string_view& text) {
    const std::string_view word = text.substr(0, text.find(' '));
    const auto fits = [](char c) { return is_digit(c) || c == '.'; };
    if (word.size() < 5 || word.size() > 9 || word[1] != '.' || !std::ranges::all_of(word, fits) ||
        std::ranges::count(word, '.') != 2 || word.ends_with('.') ||
        word.find("..") != std::string_view::npos)
        return {};
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    return word;
}

bool is_smtp_code(std::string_view code) {
    return code.size() == 3 && (code[0] == '4' || code[0] == '5') && std::ranges::all_of(code, is_digit);
}

}  // namespace

std::string one_line(std::string_view text) {
    std::string line(text);
    std::ranges::replace_if(
        line, [](char c) { return c < ' ' || c > '~'; }, '?');
    return line;
}

std::string smtp_reply(const policy::Reply& reply) {
    const bool temporary = reply.action == policy::Action::defer;
    const std::string code = is_smtp_code(reply.code) ? reply.code : std::string(temporary ? "451" : "554");
    std::string_view text = reply.text;
    std::string enhanced(take_enhanced_code(text));
    if (!enhanced.starts_with(code[0])) enhanced = std::string(1, code[0]) + ".7.1";
    if (text.find_first_not_of(' ') == std::string_view::npos)
        text = temporary ? "Try again later" : "Access denied";
    std::string line = code + ' ' + enhanced + ' ';
    for (const char c : one_line(text)) line.append(c == '%' ? 2 : 1, c);
    return line;
}

}  // namespace sqlgrey::milter
