// Lines of a text that may hold anything, in bounded memory.
#pragma once

#include <array>
#include <istream>
#include <optional>
#include <string_view>

namespace sqlgrey::importer {

struct TextLine {
    std::string_view text;  // without its end (LF or CRLF); valid until the next one is read
    long long number = 0;   // from 1
    bool whole = true;      // false: it was longer than `longest_line`, and this is its beginning
};

inline constexpr std::size_t longest_line = 65535;

class LineReader {
  public:
    // `text` outlives this; what follows the last line end is a line too if it is not empty.
    explicit LineReader(std::istream& text) : text_(text) {}
    // Nothing at the end, or where reading fails.
    std::optional<TextLine> next();

  private:
    std::istream& text_;
    long long number_ = 0;
    std::array<char, longest_line + 1> buffer_;  // not initialised: getline writes what is used
};

}  // namespace sqlgrey::importer
