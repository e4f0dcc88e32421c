#include "sqlgrey/base/placeholders.hpp"

#include <algorithm>

namespace sqlgrey::base {
namespace {

// The text up to the first '%', and the placeholder after it (empty at the end of the line). Both are removed
// from the line.
struct Piece {
    std::string_view text;
    std::string_view placeholder;  // "%x", "%%", "%" at the end of the line, or ""
};

Piece take_piece(std::string_view& line) {
    const std::size_t percent = std::min(line.find('%'), line.size());
    const Piece piece{line.substr(0, percent), line.substr(percent, 2)};
    line.remove_prefix(piece.text.size() + piece.placeholder.size());
    return piece;
}

}  // namespace

std::optional<std::string_view> unknown_placeholder(std::string_view line, std::string_view letters) {
    while (!line.empty()) {
        const std::string_view found = take_piece(line).placeholder;
        if (found.empty() || found == "%%") continue;
        if (found == "%" || letters.find(found[1]) == std::string_view::npos) return found;
    }
    return std::nullopt;
}

bool has_placeholder(std::string_view line, char letter) {
    while (!line.empty()) {
        const std::string_view found = take_piece(line).placeholder;
        if (found.size() == 2 && found[1] == letter) return true;
    }
    return false;
}

std::string filled(std::string_view line, const std::function<std::string(char letter)>& value_of) {
    std::string out;
    while (!line.empty()) {
        const Piece piece = take_piece(line);
        out += piece.text;
        if (piece.placeholder.empty()) continue;
        if (piece.placeholder == "%" || piece.placeholder == "%%")
            out += '%';
        else
            out += value_of(piece.placeholder[1]);
    }
    return out;
}

}  // namespace sqlgrey::base
