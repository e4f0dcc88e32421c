#include "sqlgrey/importer/postgrey.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace sqlgrey::importer {
namespace {

constexpr std::size_t longest_key = 2048;           // two addresses of 512 bytes each, and more
constexpr long long latest_time = 253'402'300'799;  // the end of the year 9999

std::optional<long long> number_in(std::string_view text) {
    long long number = 0;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    if (result.ec != std::errc{} || result.ptr != end || number < 0) return {};
    return number;
}

// "first,last", "first,last,host" or "count,last".
std::optional<std::pair<long long, long long>> two_numbers(std::string_view value) {
    const std::size_t comma = value.find(',');
    if (comma == std::string_view::npos) return {};
    const std::string_view rest = value.substr(comma + 1);
    const auto one = number_in(value.substr(0, comma));
    const auto two = number_in(rest.substr(0, rest.find(',')));
    if (!one || !two || *two == 0 || *two > latest_time) return {};
    return std::pair{*one, *two};
}

bool is_hash(std::string_view key) {
    constexpr std::size_t sha1_digits = 40;
    return key.size() == sha1_digits && key.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// The position of the slash in "sender/recipient".
std::optional<std::size_t> boundary(std::string_view both) {
    const auto ats = std::count(both.begin(), both.end(), '@');
    const auto slashes = std::count(both.begin(), both.end(), '/');
    if (slashes == 1) return both.find('/');
    if (both.starts_with('/') && ats <= 1) return 0;  // the empty sender
    if (ats == 0 || ats > 2) return {};
    // A domain contains no slash, so the sender ends at the first one after its '@', if that is its '@'.
    const std::size_t at = both.find('@');
    const std::size_t behind = both.find('/', at);
    if (behind != std::string_view::npos) return behind;
    return {};
}

PostgreyRecord triplet(const Pair& pair, std::size_t slash) {
    const std::string_view key = pair.key;
    const auto network = net::parse_address(key.substr(0, slash));
    std::string_view both = key.substr(slash + 1);
    const std::string_view length_of_address = network && network->v6 ? "128/" : "32/";
    const bool whole_address = both.starts_with(length_of_address);
    if (whole_address) both.remove_prefix(length_of_address.size());
    const auto middle = boundary(both);
    const auto times = two_numbers(pair.value);
    if (!network || !middle || !times || times->first == 0 || times->first > times->second)
        return UnreadableRecord{pair.line};
    const std::string_view recipient = both.substr(*middle + 1);
    if (recipient.empty()) return UnreadableRecord{pair.line};
    return PostgreyTriplet{*network,
                           whole_address,
                           std::string{both.substr(0, *middle)},
                           std::string{recipient},
                           base::at(times->first),
                           base::at(times->second)};
}

PostgreyRecord client(const Pair& pair) {
    const auto address = net::parse_address(pair.key);
    const auto numbers = two_numbers(pair.value);
    if (!address || !numbers || numbers->first == 0) return UnreadableRecord{pair.line};
    return PostgreyClient{*address, numbers->first, base::at(numbers->second)};
}

}  // namespace

PostgreyRecord read_postgrey(const Pair& pair) {
    if (pair.key.size() > longest_key) return UnreadableRecord{pair.line};
    if (is_hash(pair.key)) return Hashed{};
    const std::size_t slash = pair.key.find('/');
    return slash == std::string::npos ? client(pair) : triplet(pair, slash);
}

}  // namespace sqlgrey::importer
