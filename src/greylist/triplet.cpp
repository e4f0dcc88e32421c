// Text as stored in the tables.
#include "sqlgrey/greylist/triplet.hpp"

#include "sqlgrey/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <ostream>

namespace sqlgrey::greylist {
namespace {

std::string hex_escape(unsigned char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
}

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

std::string storable(std::string_view text, std::size_t limit) {
    if (is_plain(text)) return std::string{text.substr(0, limit)};  // nearly always
    std::string stored;
    while (!text.empty()) {
        const std::size_t length = base::utf8_sequence(text);
        const auto byte = static_cast<unsigned char>(text.front());
        const bool control = byte < 0x20 || byte == 0x7f;
        const bool last_blank = byte == ' ' && text.size() == 1;
        const std::size_t taken = length == 0 ? 1 : length;
        const std::string piece =
            (length == 0 || control || last_blank) ? hex_escape(byte) : std::string{text.substr(0, taken)};
        if (stored.size() + piece.size() > limit) break;
        stored += piece;
        text.remove_prefix(taken);
    }
    while (!stored.empty() && stored.back() == ' ') stored.pop_back();  // left by the cut
    return stored;
}

std::ostream& operator<<(std::ostream& out, const Triplet& t) {
    return out << "{src " << t.src << ", from " << t.sender_name << "(" << t.deverped << ")@"
               << t.sender_domain << ", to " << t.rcpt << "}";
}

}  // namespace sqlgrey::greylist
