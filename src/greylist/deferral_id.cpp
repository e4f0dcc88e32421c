#include "sqlgrey/greylist/deferral_id.hpp"

#include "sqlgrey/base/keyed_hash.hpp"

#include <charconv>
#include <cstdint>

namespace sqlgrey::greylist {
namespace {

constexpr std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t length = 8;
constexpr int bits_of_digit = 5;
constexpr int bits_of_hash = 23;
constexpr long long day = 86'400;

// The first bits_of_hash bits of a hexadecimal hash.
std::uint64_t first_bits(const std::string& hash) {
    constexpr int hexadecimal_digits = 6;  // 24 bits
    std::uint64_t bits = 0;
    std::from_chars(hash.data(), hash.data() + hexadecimal_digits, bits, 16);
    return bits >> (4 * hexadecimal_digits - bits_of_hash);
}

std::uint64_t hash_of(const Triplet& triplet, long long days) {
    static const base::KeyedHash hash{"sqlgrey: id of a deferral"};
    std::string text;
    for (const std::string* part :
         {&triplet.src, &triplet.sender_domain, &triplet.sender_name, &triplet.rcpt})
        text.append(*part).push_back('\0');
    return first_bits(hash.of("deferral", text + std::to_string(days)));
}

std::size_t value_of(char c) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == 'o') c = '0';
    if (c == 'i' || c == 'l') c = '1';
    return digits.find(c);
}

}  // namespace

std::string deferral_id(const Triplet& triplet, base::Time first_attempt) {
    const long long days = base::epoch(first_attempt) / day;
    const auto second = static_cast<std::uint64_t>(base::epoch(first_attempt) % day);
    std::uint64_t bits = (second << bits_of_hash) | hash_of(triplet, days);
    std::string id(length, '0');
    for (std::size_t i = length; i > 0; --i) {
        id[i - 1] = digits[bits % digits.size()];
        bits >>= bits_of_digit;
    }
    return id;
}

std::string deferral_id(const Triplet& triplet, const Outcome& outcome) {
    const auto first_attempt = waits_since(outcome);
    return first_attempt ? deferral_id(triplet, *first_attempt) : std::string{};
}

std::optional<std::string> read_deferral_id(std::string_view text) {
    if (text.size() != length) return {};
    std::string id;
    for (const char c : text) {
        const std::size_t value = value_of(c);
        if (value == std::string_view::npos) return {};
        id += digits[value];
    }
    if (time_of_day(id).count() >= day) return {};
    return id;
}

base::Seconds time_of_day(std::string_view id) {
    std::uint64_t bits = 0;
    for (const char c : id) bits = (bits << bits_of_digit) | value_of(c);
    return base::Seconds{static_cast<long long>(bits >> bits_of_hash)};
}

}  // namespace sqlgrey::greylist
