#include "sqlgrey/importer/db_dump.hpp"

namespace sqlgrey::importer {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The byte that the first two characters encode; -1 if they are not hexadecimal digits.
int byte_at(std::string_view text) {
    if (text.size() < 2) return -1;
    const int high = hex_digit(text[0]);
    const int low = hex_digit(text[1]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::optional<std::string> from_hex(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (; !text.empty(); text.remove_prefix(2)) {
        const int byte = byte_at(text);
        if (byte < 0) return {};
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

// Printable characters are literal, a backslash is doubled, all others are \hh.
std::optional<std::string> from_print(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size());
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c != '\\') {
            bytes += c;
        } else if (text.starts_with('\\')) {
            bytes += '\\';
            text.remove_prefix(1);
        } else {
            const int byte = byte_at(text);
            if (byte < 0) return {};
            bytes += static_cast<char>(byte);
            text.remove_prefix(2);
        }
    }
    return bytes;
}

}  // namespace

std::optional<std::variant<Pair, UnreadableRecord>> DumpReader::next() {
    while (const auto line = lines_.next()) {
        if (state_ == State::header) {
            if (!header_line(*line)) return UnreadableRecord{line->number};
            continue;
        }
        if (line->whole && line->text == "DATA=END") {
            state_ = State::header;
            continue;
        }
        // An unreadable line still counts as half of a pair, or key and value would be swapped from then on.
        const long long number = line->number;
        auto key = bytes_of(*line);
        const auto second = lines_.next();
        auto value = second ? bytes_of(*second) : std::nullopt;
        if (second && second->whole && second->text == "DATA=END") state_ = State::header;
        if (!key || !value) return UnreadableRecord{number};
        return Pair{std::move(*key), std::move(*value), number};
    }
    return {};
}

// False if it does not belong in a header.
bool DumpReader::header_line(const TextLine& line) {
    if (line.text == "HEADER=END" && format_ != Format::unknown) {
        state_ = State::pairs;
        return true;
    }
    const std::size_t equals = line.text.find('=');
    if (!line.whole || equals == std::string_view::npos || line.text.starts_with(' ')) return false;
    const std::string_view name = line.text.substr(0, equals);
    const std::string_view value = line.text.substr(equals + 1);
    if (name == "VERSION") {
        seen_header_ = true;
        format_ = Format::unknown;
        return true;
    }
    if (!seen_header_) return false;
    if (name == "format") {
        format_ = value == "print"       ? Format::print
                  : value == "bytevalue" ? Format::bytevalue
                                         : Format::unknown;
        return format_ != Format::unknown;
    }
    return true;  // type, page size and other lines
}

std::optional<std::string> DumpReader::bytes_of(const TextLine& line) const {
    if (!line.whole || !line.text.starts_with(' ')) return {};
    const std::string_view text = line.text.substr(1);
    return format_ == Format::print ? from_print(text) : from_hex(text);
}

}  // namespace sqlgrey::importer
