#include "percent.hpp"

#include "sqlgrey/base/ascii.hpp"

namespace sqlgrey::store {

std::string percent_encoded(std::string_view value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = base::is_letter(c) || base::is_digit(c);
        if (plain)
            text += c;
        else
            text += std::string{'%', digits[byte / 16], digits[byte % 16]};
    }
    return text;
}

}  // namespace sqlgrey::store
