#include "packets.hpp"

namespace sqlgrey::milter {

std::optional<std::uint32_t> take_number(std::string_view& data) {
    if (data.size() < 4) return std::nullopt;
    std::uint32_t number = 0;
    for (const char byte : data.substr(0, 4)) number = number << 8 | static_cast<unsigned char>(byte);
    data.remove_prefix(4);
    return number;
}

std::optional<std::string_view> take_text(std::string_view& data) {
    const std::size_t end = data.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view text = data.substr(0, end);
    data.remove_prefix(end + 1);
    return text;
}

void append_number(std::string& out, std::uint32_t number) {
    for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(number >> shift & 0xff);
}

void append_packet(std::string& out, char command, std::string_view data) {
    append_number(out, static_cast<std::uint32_t>(data.size() + 1));
    out += command;
    out += data;
}

}  // namespace sqlgrey::milter
