#include "percent.hpp"

namespace sqlgrey::store {

std::string percent_encoded(std::string_view value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (plain)
            text += c;
        else
            text += std::string{'%', digits[byte / 16], digits[byte % 16]};
    }
    return text;
}

}  // namespace sqlgrey::store
