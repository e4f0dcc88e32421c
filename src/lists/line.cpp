#include "line.hpp"

namespace sqlgrey::lists {
namespace {

constexpr std::size_t none = std::string_view::npos;

bool is_escaped(std::string_view text, std::size_t at) {
    std::size_t backslashes = 0;
    while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
    return backslashes % 2 == 1;
}

// True if text[0] opens an expression and text[at] may be what closes it.
bool may_close(std::string_view text, std::size_t at) {
    return at > 0 && text[at] == '/' && !is_escaped(text, at);
}

// Where the comment begins in a line that begins with '/'.
std::size_t comment_behind_expression(std::string_view line) {
    for (std::size_t hash = line.find('#'); hash != none; hash = line.find('#', hash + 1)) {
        if (is_blank(line[hash - 1]) || may_close(line, hash - 1)) return hash;
    }
    return none;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::string_view entry_in(std::string_view line) {
    line = trimmed(line);
    return trimmed(line.substr(0, line.starts_with('/') ? comment_behind_expression(line) : line.find('#')));
}

}  // namespace sqlgrey::lists
