#include "sqlgrey/enrich/p0f.hpp"

#include <algorithm>
#include <cstring>

namespace sqlgrey::enrich {
namespace {

// Numbers are in the byte order of the machine. Offsets are those of struct p0f_api_response (api.h), which
// is packed.
constexpr std::uint32_t question_magic = 0x50304601;
constexpr std::uint32_t answer_magic = 0x50304602;
constexpr std::uint32_t status_ok = 0x10;
constexpr std::size_t status_at = 4;
constexpr std::size_t distance_at = 36;
constexpr std::size_t os_name_at = 40;
constexpr std::size_t os_flavor_at = 72;
constexpr std::size_t link_type_at = 168;
constexpr std::size_t name_size = 32;
constexpr std::int16_t most_hops = 255;  // the largest TTL

template <typename Number>
Number number_at(std::string_view bytes, std::size_t at) {
    Number number{};
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return number;
}

bool is_printable(char c) {
    return c >= ' ' && c <= '~';
}

std::string name_at(std::string_view bytes, std::size_t at) {
    const std::string_view field = bytes.substr(at, name_size);
    const std::string_view name = field.substr(0, field.find('\0'));
    const bool is_ended = name.size() < field.size();
    return is_ended && std::ranges::all_of(name, is_printable) ? std::string{name} : std::string{};
}

std::string os_in(std::string_view bytes) {
    const std::string name = name_at(bytes, os_name_at);
    const std::string flavor = name_at(bytes, os_flavor_at);
    return name.empty() || flavor.empty() ? name : name + " " + flavor;
}

}  // namespace

std::string p0f_question(const net::Address& host) {
    std::string question(p0f_question_size, '\0');
    std::memcpy(question.data(), &question_magic, sizeof question_magic);
    question[sizeof question_magic] = host.v6 ? 6 : 4;
    std::memcpy(question.data() + sizeof question_magic + 1, host.bytes.data(), host.v6 ? 16 : 4);
    return question;
}

std::optional<Fingerprint> p0f_answer(std::string_view bytes) {
    if (bytes.size() != p0f_answer_size || number_at<std::uint32_t>(bytes, 0) != answer_magic) return {};
    if (number_at<std::uint32_t>(bytes, status_at) != status_ok) return Fingerprint{};
    Fingerprint found{os_in(bytes), name_at(bytes, link_type_at), {}};
    const auto hops = number_at<std::int16_t>(bytes, distance_at);
    if (hops >= 0 && hops <= most_hops) found.distance = hops;
    return found;
}

}  // namespace sqlgrey::enrich
