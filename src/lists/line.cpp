#include "line.hpp"

#include "sqlgrey/base/text.hpp"

namespace sqlgrey::lists {
namespace {

constexpr std::size_t none = std::string_view::npos;

bool is_escaped(std::string_view text, std::size_t at) {
    std::size_t backslashes = 0;
    while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
    return backslashes % 2 == 1;
}

// True if text[0] opens an expression and text[at] may close it.
bool may_close(std::string_view text, std::size_t at) {
    return at > 0 && text[at] == '/' && !is_escaped(text, at);
}

// The start of the comment in a line that begins with '/'.
std::size_t comment_behind_expression(std::string_view line) {
    for (std::size_t hash = line.find('#'); hash != none; hash = line.find('#', hash + 1)) {
        if (blanks.find(line[hash - 1]) != none || may_close(line, hash - 1)) return hash;
    }
    return none;
}

}  // namespace

std::string_view entry_in(std::string_view line) {
    line = base::trimmed(line, blanks);
    const std::size_t end = line.starts_with('/') ? comment_behind_expression(line) : line.find('#');
    return base::trimmed(line.substr(0, end), blanks);
}

}  // namespace sqlgrey::lists
