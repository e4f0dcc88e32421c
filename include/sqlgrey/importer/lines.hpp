// Lines of any text, in bounded memory.
#pragma once

#include <array>
#include <istream>
#include <optional>
#include <string_view>

namespace sqlgrey::importer {

// One line of a text.
struct TextLine {
    std::string_view text;  // without LF or CRLF; valid until the next call
    long long number = 0;   // from 1
    bool whole = true;      // false: longer than `longest_line`, and only the beginning
};

inline constexpr std::size_t longest_line = 65535;

// Reads line by line. Not thread-safe.
class LineReader {
  public:
    // `text` must outlive this. Text after the last line end counts as a line too.
    explicit LineReader(std::istream& text) : text_(text) {}
    // Nothing at the end, after a read error, or behind a line of more than 1 GB.
    std::optional<TextLine> next();

  private:
    std::istream& text_;
    long long number_ = 0;
    std::array<char, longest_line + 1> buffer_;  // not initialised: getline writes what is used
};

}  // namespace sqlgrey::importer
