#include "sqlgrey/dns/public_resolvers.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <utility>

namespace sqlgrey::dns {
namespace {

// As their operators publish them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 40> servers{{
    {"8.8.8.8", "Google"},
    {"8.8.4.4", "Google"},
    {"2001:4860:4860::8888", "Google"},
    {"2001:4860:4860::8844", "Google"},
    {"1.1.1.1", "Cloudflare"},
    {"1.0.0.1", "Cloudflare"},
    {"1.1.1.2", "Cloudflare"},
    {"1.0.0.2", "Cloudflare"},
    {"1.1.1.3", "Cloudflare"},
    {"1.0.0.3", "Cloudflare"},
    {"2606:4700:4700::1111", "Cloudflare"},
    {"2606:4700:4700::1001", "Cloudflare"},
    {"2606:4700:4700::1112", "Cloudflare"},
    {"2606:4700:4700::1002", "Cloudflare"},
    {"9.9.9.9", "Quad9"},
    {"9.9.9.10", "Quad9"},
    {"9.9.9.11", "Quad9"},
    {"149.112.112.112", "Quad9"},
    {"149.112.112.10", "Quad9"},
    {"149.112.112.11", "Quad9"},
    {"2620:fe::fe", "Quad9"},
    {"2620:fe::9", "Quad9"},
    {"2620:fe::10", "Quad9"},
    {"2620:fe::11", "Quad9"},
    {"208.67.222.222", "OpenDNS"},
    {"208.67.220.220", "OpenDNS"},
    {"2620:119:35::35", "OpenDNS"},
    {"2620:119:53::53", "OpenDNS"},
    {"94.140.14.14", "AdGuard"},
    {"94.140.15.15", "AdGuard"},
    {"2a10:50c0::ad1:ff", "AdGuard"},
    {"2a10:50c0::ad2:ff", "AdGuard"},
    {"76.76.2.0", "Control D"},
    {"76.76.10.0", "Control D"},
    {"185.228.168.9", "CleanBrowsing"},
    {"185.228.169.9", "CleanBrowsing"},
    {"4.2.2.1", "Level 3"},
    {"4.2.2.2", "Level 3"},
    {"77.88.8.8", "Yandex"},
    {"64.6.64.6", "Verisign"},
}};

constexpr std::size_t most_nameservers = 3;  // MAXNS of the C library

std::string content(const char* path) {
    const std::ifstream file{path};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::optional<net::Address> nameserver_in(const std::string& line) {
    std::istringstream words{line};
    std::string keyword, address;
    if (!(words >> keyword >> address) || keyword != "nameserver") return {};
    return net::parse_address(address);
}

}  // namespace

std::optional<std::string_view> operator_of_public_resolver(const net::Address& server) {
    const auto* const found = std::ranges::find_if(
        servers, [&](const auto& one) { return net::parse_address(one.first) == server; });
    if (found == servers.end()) return {};
    return found->second;
}

std::vector<net::Address> nameservers_in(std::string_view resolv_conf) {
    std::vector<net::Address> found;
    std::istringstream lines{std::string{resolv_conf}};
    for (std::string line; std::getline(lines, line) && found.size() < most_nameservers;)
        if (const auto server = nameserver_in(line)) found.push_back(*server);
    return found;
}

std::vector<net::Address> nameservers_of_system() {
    const net::Address resolved = net::parse_address("127.0.0.53").value();
    std::vector<net::Address> found = nameservers_in(content("/etc/resolv.conf"));
    if (std::ranges::find(found, resolved) == found.end()) return found;
    return nameservers_in(content("/run/systemd/resolve/resolv.conf"));
}

}  // namespace sqlgrey::dns
