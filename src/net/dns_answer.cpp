#include "sqlgrey/net/dns_answer.hpp"

namespace sqlgrey::net {

bool is_dns_name(std::string_view name) {
    constexpr std::size_t longest_name = 253, longest_label = 63;
    if (name.size() > longest_name || name.find('\0') != std::string_view::npos) return false;
    while (true) {
        const std::size_t dot = name.find('.');
        const std::size_t length = name.substr(0, dot).size();
        if (length == 0 || length > longest_label) return false;
        if (dot == std::string_view::npos) return true;
        name.remove_prefix(dot + 1);
    }
}

std::string reverse_name(const Address& address) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    for (std::size_t i = address.v6 ? 16 : 4; i-- > 0;) {
        const std::uint8_t byte = address.bytes[i];
        if (address.v6)
            name.append({digits[byte & 0xf], '.', digits[byte >> 4], '.'});
        else
            name += std::to_string(byte) + '.';
    }
    return name + (address.v6 ? "ip6.arpa" : "in-addr.arpa");
}

}  // namespace sqlgrey::net
