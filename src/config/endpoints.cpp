// Hosts and ports: where the daemon listens, and where the database servers are.
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/dsn.hpp"
#include "sqlgrey/config/values.hpp"
#include "sqlgrey/log/logger.hpp"

#include <algorithm>
#include <stdexcept>

#include <arpa/inet.h>
#include <sys/un.h>

namespace sqlgrey::config {
namespace {

constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

bool is_ipv4(const std::string& text) {
    in_addr address{};
    return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& text) {
    in6_addr address{};
    return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// True for a text that can be a host name. One of digits and dots only must be an IPv4 address: a resolver
// would take "192.0.2.300" for a name and blame the network.
bool is_host(const std::string& text) {
    const auto fits = [](char c) {
        return base::is_letter(c) || base::is_digit(c) || c == '.' || c == '-' || c == '_';
    };
    if (text.empty() || text.size() > 255 || !std::all_of(text.begin(), text.end(), fits)) return false;
    return text.find_first_not_of("0123456789.") != std::string::npos || is_ipv4(text);
}

bool is_port(std::string_view text) {
    try {
        read_number(text, {1, 65535});
        return text == base::trimmed(text);
    } catch (const std::invalid_argument&) {
        return false;
    }
}

// "[v6]" at the start of an entry, without the brackets; otherwise empty.
std::string bracketed(std::string_view entry) {
    if (!entry.starts_with('[')) return {};
    const std::size_t end = entry.find(']');
    return end == std::string_view::npos ? std::string{} : std::string{entry.substr(1, end - 1)};
}

bool is_endpoint(std::string_view entry) {
    if (is_port(entry)) return true;
    const std::size_t colon = entry.rfind(':');
    if (colon == std::string_view::npos || !is_port(entry.substr(colon + 1))) return false;
    const std::string_view host = entry.substr(0, colon);
    if (host.starts_with('[')) return host.ends_with(']') && is_ipv6(bracketed(host));
    return host == "*" || is_host(std::string{host});
}

bool is_dns_server(const std::string& entry) {
    if (is_ipv4(entry) || is_ipv6(entry)) return true;
    const std::size_t colon = entry.rfind(':');
    if (colon == std::string::npos || !is_port(std::string_view{entry}.substr(colon + 1))) return false;
    const std::string host = entry.substr(0, colon);
    return is_ipv4(host) || (host.starts_with('[') && host.ends_with(']') && is_ipv6(bracketed(host)));
}

// "2502@host", as libmilter and Sendmail write it, becomes "host:2502"; an IPv6 address gets its brackets.
std::string host_and_port(std::string_view address) {
    const std::size_t at = address.find('@');
    if (at == std::string_view::npos) return std::string{address};
    const std::string host{address.substr(at + 1)};
    return (is_ipv6(host) ? '[' + host + ']' : host) + ':' + std::string{address.substr(0, at)};
}

// Empty if it is none.
std::string milter_of(std::string_view entry) {
    for (const std::string_view kind : {"unix:", "local:"}) {
        if (!entry.starts_with(kind)) continue;
        const std::string_view path = entry.substr(kind.size());
        const bool fits = path.starts_with('/') && path.size() > 1 && path.size() <= longest_path;
        return fits ? "unix:" + std::string{path} : "";
    }
    for (const std::string_view kind : {"inet:", "inet6:"}) {
        if (!entry.starts_with(kind)) continue;
        std::string address = host_and_port(entry.substr(kind.size()));
        if (!is_endpoint(address)) return "";
        if (address.starts_with("*:")) address.replace(0, 1, "0.0.0.0");
        return "inet:" + address;
    }
    return "";
}

bool is_db_host(std::string_view entry) {
    const DbHost host = read_db_host(entry);
    if (host.host.starts_with('/')) return true;
    return is_host(host.host) || is_ipv6(host.host);
}

}  // namespace

std::vector<std::string> read_endpoints(std::string_view text) {
    std::vector<std::string> entries = read_list(text);
    for (std::string& entry : entries) {
        if (!is_endpoint(entry)) {
            throw std::invalid_argument(
                "expected a port from 1 to 65535, host:port or [IPv6 address]:port, or several of them with "
                "commas between; \"" +
                log::escape(entry) + "\" is none");
        }
        if (entry.starts_with("*:")) entry.replace(0, 1, "0.0.0.0");
    }
    return entries;
}

std::string read_socket_path(std::string_view text) {
    const std::string path{base::trimmed(text)};
    if (!path.empty() && (!path.starts_with('/') || path.size() > longest_path))
        throw std::invalid_argument("expected a path that begins with /, of at most " +
                                    std::to_string(longest_path) + " bytes, or nothing");
    return path;
}

std::vector<std::string> read_milters(std::string_view text) {
    std::vector<std::string> entries = read_list(text);
    for (std::string& entry : entries) {
        std::string milter = milter_of(entry);
        if (milter.empty())
            throw std::invalid_argument(
                "expected inet:host:port, inet:port, inet:[IPv6 address]:port or unix:path with a path of at "
                "most " +
                std::to_string(longest_path) + " bytes, or several of them with commas between; \"" +
                log::escape(entry) + "\" is none");
        entry = std::move(milter);
    }
    return entries;
}

std::string read_place(std::string_view text) {
    std::string place{base::trimmed(text)};
    if (place.starts_with('/') && place.size() > longest_path)
        throw std::invalid_argument("expected a path of at most " + std::to_string(longest_path) + " bytes");
    if (place.empty() || place.starts_with('/')) return place;
    if (!is_endpoint(place))
        throw std::invalid_argument(
            "expected host:port, a port, [IPv6 address]:port, the path of a Unix socket or nothing");
    if (place.starts_with("*:")) place.replace(0, 1, "0.0.0.0");
    return place;
}

std::string read_host_name(std::string_view text) {
    const std::string name{base::trimmed(text)};
    if (!name.empty() && !is_host(name)) {
        throw std::invalid_argument("expected the name of a host, or nothing to have that of this machine");
    }
    return name;
}

std::vector<std::string> read_db_hosts(std::string_view text) {
    std::vector<std::string> entries = read_list(text);
    for (const std::string& entry : entries) {
        if (is_db_host(entry)) continue;
        throw std::invalid_argument(
            "expected a host name, an address, host:port or the directory of a socket, or several of them "
            "with commas between; \"" +
            log::escape(entry) + "\" is none");
    }
    return entries;
}

std::vector<std::string> read_dns_servers(std::string_view text) {
    std::vector<std::string> entries = read_list(text);
    for (const std::string& entry : entries) {
        if (is_dns_server(entry)) continue;
        throw std::invalid_argument(
            "expected addresses of DNS servers with commas between, each also with a port, as in "
            "127.0.0.1:5353 or [::1]:5353; \"" +
            log::escape(entry) + "\" is none");
    }
    return entries;
}

int read_db_port(std::string_view text) {
    const std::string word = base::ascii_lower(base::trimmed(text));
    if (word == "default" || word.empty()) return 0;
    if (is_port(word)) return static_cast<int>(read_number(word, {1, 65535}));
    throw std::invalid_argument("expected the word default or a port from 1 to 65535");
}

DbHost read_db_host(std::string_view entry) {
    const std::size_t colon = entry.rfind(':');
    const bool has_port = colon != std::string_view::npos && is_port(entry.substr(colon + 1));
    const std::string_view host = has_port ? entry.substr(0, colon) : entry;
    if (host.starts_with('[') && host.ends_with(']')) {
        const std::string inside = bracketed(host);
        if (!is_ipv6(inside)) return {std::string{entry}, 0};
        return {inside, has_port ? read_db_port(entry.substr(colon + 1)) : 0};
    }
    // An IPv6 address without brackets has no port: its last group belongs to the address.
    if (!has_port || is_ipv6(std::string{entry})) return {std::string{entry}, 0};
    return {std::string{host}, read_db_port(entry.substr(colon + 1))};
}

}  // namespace sqlgrey::config
