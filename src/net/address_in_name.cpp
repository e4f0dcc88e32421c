// Searches the words and numbers of a name for the address.
#include "sqlgrey/net/address_in_name.hpp"

#include "sqlgrey/base/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace sqlgrey::net {
namespace {

using Octets = std::array<std::uint8_t, 4>;

constexpr std::size_t enough = 3;                  // octets or groups
constexpr std::size_t fewest_digits_of_three = 5;  // 1.2.3 run together is 123, which names contain by chance
constexpr std::size_t fewest_digits_of_two = 4;
constexpr std::size_t hex_digits_of_three = 6;
constexpr std::size_t enough_nibbles = 8;

// The numbers in a name or an address. A name has 255 bytes at most; numbers after the 64th are ignored.
class Numbers {
  public:
    void add(unsigned number) {
        if (size_ < numbers_.size()) numbers_[size_++] = number;
    }
    // Removes one equal to `number`; false if there is none.
    bool take(unsigned number) {
        const auto end = numbers_.begin() + static_cast<std::ptrdiff_t>(size_);
        const auto found = std::find(numbers_.begin(), end, number);
        if (found == end) return false;
        *found = numbers_[--size_];
        return true;
    }
    std::size_t size() const { return size_; }
    std::span<const unsigned> all() const { return std::span{numbers_}.first(size_); }

  private:
    std::array<unsigned, 64> numbers_;
    std::size_t size_ = 0;
};

using base::is_digit;

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f');
}
bool is_of_word(char c) {
    return is_digit(c) || base::is_lower(c);
}

// The longest runs of such characters, in order.
template <typename Is>
void for_each_run(std::string_view text, Is is, auto take) {
    for (auto begin = text.begin(); begin != text.end();) {
        begin = std::find_if(begin, text.end(), is);
        const auto end = std::find_if_not(begin, text.end(), is);
        if (begin != end) take(std::string_view{begin, end});
        begin = end;
    }
}

std::optional<unsigned> number_of(std::string_view text, int base) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return number;
}

// How many of `wanted` are also in `found`, counting repetitions.
std::size_t in_common(const Numbers& wanted, Numbers found) {
    return static_cast<std::size_t>(
        std::ranges::count_if(wanted.all(), [&](unsigned number) { return found.take(number); }));
}

Numbers numbers_of(const Octets& octets) {
    Numbers numbers;
    for (const std::uint8_t octet : octets) numbers.add(octet);
    return numbers;
}

std::string decimal(std::span<const std::uint8_t> octets, std::size_t width) {
    std::string out;
    for (const std::uint8_t octet : octets) {
        const std::string number = std::to_string(octet);
        out.append(width > number.size() ? width - number.size() : 0, '0').append(number);
    }
    return out;
}

std::string hexadecimal(std::span<const std::uint8_t> octets) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const std::uint8_t octet : octets) {
        out += digits[octet >> 4];
        out += digits[octet & 0xf];
    }
    return out;
}

std::string as_one_number(const Octets& octets) {
    std::uint32_t number = 0;
    for (const std::uint8_t octet : octets) number = number << 8 | octet;
    return std::to_string(number);
}

// The numbers in a text that can be octets.
Numbers octets_in(std::string_view text) {
    Numbers numbers;
    for_each_run(text, is_digit, [&](std::string_view run) {
        if (const auto number = number_of(run, 10); number && run.size() <= 3) numbers.add(*number);
    });
    return numbers;
}

// "c0-a8-01-0a": at least one has a letter, or they are decimal.
Numbers hex_octets_in(std::string_view text) {
    Numbers numbers;
    bool has_letter = false;
    for_each_run(text, is_of_word, [&](std::string_view word) {
        if (word.size() != 2 || !std::ranges::all_of(word, is_hex)) return;
        numbers.add(number_of(word, 16).value_or(0));
        has_letter = has_letter || !std::ranges::all_of(word, is_digit);
    });
    return has_letter ? numbers : Numbers{};
}

// The longest run of decimal or hexadecimal digits.
template <typename Is>
std::size_t longest_run(std::string_view text, Is is) {
    std::size_t longest = 0;
    for_each_run(text, is, [&](std::string_view run) { longest = std::max(longest, run.size()); });
    return longest;
}

// Three octets in this order run together, or the whole address as one number.
bool has_decimal_run_together(std::string_view name, const Octets& octets) {
    for (std::size_t first = 0; first + enough <= octets.size(); ++first) {
        const std::span three = std::span{octets}.subspan(first, enough);
        if (name.find(decimal(three, 3)) != std::string_view::npos) return true;
        const std::string plain = decimal(three, 1);
        if (plain.size() >= fewest_digits_of_three && name.find(plain) != std::string_view::npos) return true;
    }
    return name.find(as_one_number(octets)) != std::string_view::npos;
}

bool has_hex_run_together(std::string_view name, const Octets& octets) {
    const std::string all = hexadecimal(octets);
    return name.find(all.substr(0, hex_digits_of_three)) != std::string_view::npos ||
           name.find(all.substr(all.size() - hex_digits_of_three)) != std::string_view::npos;
}

// If a run of digits is two octets, the remaining two; otherwise all.
Numbers without_pair(std::string_view text, const Octets& octets) {
    for (std::size_t first = 0; first + 2 <= octets.size(); ++first) {
        const std::span two = std::span{octets}.subspan(first, 2);
        const std::string plain = decimal(two, 1), padded = decimal(two, 3);
        bool is_there = false;
        for_each_run(text, is_digit, [&](std::string_view run) {
            is_there = is_there || run == padded || (run == plain && plain.size() >= fewest_digits_of_two);
        });
        if (!is_there) continue;
        Numbers others = numbers_of(octets);
        for (const std::uint8_t octet : two) others.take(octet);
        return others;
    }
    return numbers_of(octets);
}

std::size_t octets_held(std::string_view text, const Octets& octets) {
    return in_common(numbers_of(octets), octets_in(text));
}

// Like octets_held(), but octets run together count too.
std::size_t octets_held_by_long_numbers(std::string_view text, const Octets& octets) {
    const Numbers left = without_pair(text, octets);
    return octets.size() - left.size() + in_common(left, octets_in(text));
}

AddressInName v4_in_name(std::string_view name, std::string_view host, const Address& address) {
    const std::size_t longest_hex = longest_run(name, is_hex), longest_number = longest_run(name, is_digit);
    if (longest_number == 0 && longest_hex < hex_digits_of_three) return AddressInName::absent;
    Octets octets{};
    std::copy_n(address.bytes.begin(), octets.size(), octets.begin());
    std::size_t held = octets_held(name, octets);
    std::size_t held_by_host = held < 2 ? held : octets_held(host, octets);
    for (int order = 0; order < 2; ++order) {
        if (longest_hex >= hex_digits_of_three && has_hex_run_together(name, octets))
            return AddressInName::whole;
        if (longest_number >= fewest_digits_of_three && has_decimal_run_together(name, octets))
            return AddressInName::whole;
        if (longest_number >= fewest_digits_of_two) {
            held = std::max(held, octets_held_by_long_numbers(name, octets));
            held_by_host = std::max(held_by_host, octets_held_by_long_numbers(host, octets));
        }
        std::ranges::reverse(octets);
    }
    if (held >= enough || in_common(numbers_of(octets), hex_octets_in(name)) >= enough)
        return AddressInName::whole;
    return held_by_host == 2 ? AddressInName::part : AddressInName::absent;
}

Numbers groups_of(const Address& v6) {
    Numbers groups;
    for (std::size_t byte = 0; byte < v6.bytes.size(); byte += 2)
        if (const unsigned group = static_cast<unsigned>(v6.bytes[byte]) << 8 | v6.bytes[byte + 1])
            groups.add(group);
    return groups;
}

Numbers groups_in(std::string_view text) {
    Numbers numbers;
    for_each_run(text, is_of_word, [&](std::string_view word) {
        if (word.starts_with('x')) word.remove_prefix(1);
        if (const auto number = number_of(word, 16); number && word.size() <= 4) numbers.add(*number);
    });
    return numbers;
}

// Eight consecutive nibbles of the address that are not all equal.
bool has_nibbles(std::string_view name, std::string_view nibbles) {
    for (std::size_t first = 0; first + enough_nibbles <= nibbles.size(); ++first) {
        const std::string_view part = nibbles.substr(first, enough_nibbles);
        if (part.find_first_not_of(part.front()) == std::string_view::npos) continue;
        if (name.find(part) != std::string_view::npos) return true;
    }
    return false;
}

bool has_nibbles_either_way(std::string_view name, const Address& address) {
    std::string without_separators;
    std::ranges::copy_if(name, std::back_inserter(without_separators), is_of_word);
    if (longest_run(without_separators, is_hex) < enough_nibbles) return false;
    const std::string nibbles = hexadecimal(address.bytes);
    return has_nibbles(without_separators, nibbles) ||
           has_nibbles(without_separators, std::string{nibbles.rbegin(), nibbles.rend()});
}

AddressInName v6_in_name(std::string_view name, std::string_view host, const Address& address) {
    if (has_nibbles_either_way(name, address)) return AddressInName::whole;
    const Numbers groups = groups_of(address);
    if (in_common(groups, groups_in(name)) >= enough) return AddressInName::whole;
    return in_common(groups, groups_in(host)) == 2 ? AddressInName::part : AddressInName::absent;
}

}  // namespace

AddressInName address_in_name(std::string_view name, std::string_view organisation, const Address& address) {
    const std::string_view host = name.substr(0, name.size() - std::min(name.size(), organisation.size()));
    return address.v6 ? v6_in_name(name, host, address) : v4_in_name(name, host, address);
}

}  // namespace sqlgrey::net
