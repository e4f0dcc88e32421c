// Reads the text that db_dump(1) of Berkeley DB writes, with -p (printable) and without (hexadecimal).
// Accepts any bytes.
#pragma once

#include "sqlgrey/importer/lines.hpp"

#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sqlgrey::importer {

// A key and its value, as in the database.
struct Pair {
    std::string key, value;
    long long line = 0;  // of the key
    bool operator==(const Pair&) const = default;
};

// A line that is not as expected.
struct UnreadableRecord {
    long long line = 0;
    bool operator==(const UnreadableRecord&) const = default;
};

// Not thread-safe.
class DumpReader {
  public:
    // `text` must outlive this. It may contain several dumps.
    explicit DumpReader(std::istream& text) : lines_(text) {}

    // The next pair, or the next line where a pair was expected; nothing at the end.
    std::optional<std::variant<Pair, UnreadableRecord>> next();

    // False if there was no header of a dump: the file is something else, perhaps the database itself.
    bool is_dump() const { return seen_header_; }
    // True if the last dump has no end: part of the file is missing.
    bool cut_off() const { return state_ == State::pairs; }

  private:
    enum class State { header, pairs };
    enum class Format { unknown, print, bytevalue };

    bool header_line(const TextLine& line);
    std::optional<std::string> bytes_of(const TextLine& line) const;

    LineReader lines_;
    State state_ = State::header;
    Format format_ = Format::unknown;
    bool seen_header_ = false;
};

}  // namespace sqlgrey::importer
