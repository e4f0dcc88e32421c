// The text that db_dump(1) of Berkeley DB makes of a database, as `db_dump -p` writes it (printable) and as
// plain `db_dump` does (hexadecimal). Any text is survived.
#pragma once

#include "sqlgrey/importer/lines.hpp"

#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace sqlgrey::importer {

// A key and its value, bytes as the database held them.
struct Pair {
    std::string key, value;
    long long line = 0;  // of the key
    bool operator==(const Pair&) const = default;
};

// Something that is not as it should be, at that line.
struct UnreadableRecord {
    long long line = 0;
    bool operator==(const UnreadableRecord&) const = default;
};

class DumpReader {
  public:
    // `text` outlives this. Several dumps may follow each other in it.
    explicit DumpReader(std::istream& text) : lines_(text) {}

    // The next pair, or the next place where there should be one; nothing at the end.
    std::optional<std::variant<Pair, UnreadableRecord>> next();

    // False if no header of a dump has been seen: the file is something else, perhaps the database itself.
    bool is_dump() const { return seen_header_; }
    // True if the last dump has not ended as dumps do: something is missing at the end of the file.
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
