#include "sqlgrey/importer/lines.hpp"

namespace sqlgrey::importer {
namespace {

constexpr std::streamsize longest_rest = 1 << 30;  // /dev/zero never has a line end

}  // namespace

std::optional<TextLine> LineReader::next() {
    if (!text_.good()) return {};
    text_.getline(buffer_.data(), std::ssize(buffer_));
    auto length = static_cast<std::size_t>(text_.gcount());
    if (text_.bad() || (text_.eof() && length == 0)) return {};
    const bool too_long = text_.fail() && !text_.eof();
    if (too_long) {
        text_.clear();
        text_.ignore(longest_rest, '\n');
        if (text_.gcount() == longest_rest) text_.setstate(std::ios::badbit);
    } else if (!text_.eof()) {
        --length;  // the line end, which is counted but not stored
    }
    std::string_view text{buffer_.data(), length};
    if (!too_long && text.ends_with('\r')) text.remove_suffix(1);
    return TextLine{text, ++number_, !too_long};
}

}  // namespace sqlgrey::importer
