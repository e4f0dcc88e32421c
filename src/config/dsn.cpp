// Both ways to write a data source end in the same few keys. The text is cut at the marks of its form
// first and decoded after that, so that a decoded character can mean nothing.
#include "sqlgrey/config/dsn.hpp"

#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>

namespace sqlgrey::config {
namespace {

constexpr std::string_view forms =
    "expected DBI:Pg:dbname=...;host=..., DBI:mysql:database=...;host=..., DBI:SQLite:dbname=..., "
    "postgresql://user:password@host:port/name, mysql://user:password@host:port/name or sqlite:///path";

[[noreturn]] void refuse(const std::string& why) {
    throw std::invalid_argument(std::string{forms} + "; " + why);
}

struct Scheme {
    std::string_view word;
    DbType type;
};
constexpr std::array<Scheme, 4> dbi_drivers{{{"pg", DbType::postgresql},
                                             {"mysql", DbType::mysql},
                                             {"mariadb", DbType::mysql},
                                             {"sqlite", DbType::sqlite}}};
constexpr std::array<Scheme, 5> uri_schemes{{{"postgresql", DbType::postgresql},
                                             {"postgres", DbType::postgresql},
                                             {"mysql", DbType::mysql},
                                             {"mariadb", DbType::mysql},
                                             {"sqlite", DbType::sqlite}}};

template <std::size_t n>
DbType type_named(const std::array<Scheme, n>& known, std::string_view word) {
    const std::string wanted = lower(word);
    for (const Scheme& scheme : known) {
        if (scheme.word == wanted) return scheme.type;
    }
    refuse("its beginning names no database we know");
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t at = 0;
    for (std::size_t end = text.find(separator); end != std::string_view::npos;
         end = text.find(separator, at)) {
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    parts.push_back(text.substr(at));
    return parts;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) refuse("a % is not followed by two hexadecimal digits (write %25 for %)");
        const int byte = high * 16 + low;
        if (byte < 0x20 || byte == 0x7f) refuse("a control character is written with %");
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}

int port_in(std::string_view text) {
    try {
        return read_db_port(text);
    } catch (const std::invalid_argument&) {
        refuse("a port in it is no number from 1 to 65535");
    }
}

// libpq's quoting of a value: 'it''s' is not known there, backslashes are.
std::string unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '\'' || text.back() != '\'') return std::string{text};
    std::string out;
    const std::string_view inside = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (inside[i] == '\\' && i + 1 < inside.size()) ++i;
        out += inside[i];
    }
    return out;
}

bool is_secret_key(std::string_view key) {
    return lower(key).find("pass") != std::string::npos;
}

// Hosts and ports are collected apart and put together at the end.
struct Draft {
    Dsn dsn;
    std::vector<std::string> hosts;
    std::vector<int> ports;

    void add(std::string_view key_as_written, std::string value) {
        const std::string key = lower(key_as_written);
        if (key == "dbname" || key == "database" || key == "db") {
            dsn.name = std::move(value);
        } else if (dsn.type == DbType::sqlite) {
            dsn.options.emplace_back(key_as_written, std::move(value));
        } else if (key == "host" || key == "hostname") {
            hosts = read_list(value);
        } else if (key == "port") {
            ports.clear();
            for (const std::string_view port : split(value, ',')) ports.push_back(port_in(port));
        } else if (key == "user" || key == "username") {
            dsn.user = std::move(value);
        } else if (key == "password" || key == "passwd" || key == "pass") {
            dsn.pass = std::move(value);
        } else {
            dsn.options.emplace_back(key_as_written, std::move(value));
        }
    }

    void put_ports_to_hosts() {
        if (ports.size() > 1 && ports.size() != hosts.size())
            refuse("it names more or fewer ports than hosts");
        const bool same =
            std::adjacent_find(ports.begin(), ports.end(), std::not_equal_to<>()) == ports.end();
        if (same && !ports.empty()) dsn.port = ports.front();
        for (std::size_t i = 0; i < hosts.size(); ++i) {
            std::string entry = hosts[i];
            if (!same && ports[i] != 0) {
                if (entry.find(':') != std::string::npos && !entry.starts_with('/'))
                    entry = '[' + entry + ']';
                entry += ':' + std::to_string(ports[i]);
            }
            dsn.hosts.push_back(std::move(entry));
        }
    }

    Dsn finished() {
        put_ports_to_hosts();
        try {
            for (const std::string& host : dsn.hosts) {
                if (read_db_hosts(host) != std::vector<std::string>{host}) throw std::invalid_argument(host);
            }
        } catch (const std::invalid_argument&) {
            refuse("a host in it is neither a name nor an address nor the directory of a socket");
        }
        if (dsn.name && dsn.name->empty()) dsn.name.reset();
        if (dsn.type == DbType::sqlite && !dsn.name) refuse("it names no file");
        return std::move(dsn);
    }
};

void add_pairs(Draft& draft, std::string_view text, char separator, bool is_uri) {
    for (const std::string_view raw : split(text, separator)) {
        const std::string_view pair = trimmed(raw);
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0) refuse("a part of it has no key=value");
        const std::string_view key = trimmed(pair.substr(0, equals));
        const std::string_view value = trimmed(pair.substr(equals + 1));
        draft.add(is_uri ? percent_decoded(key) : std::string{key},
                  is_uri ? percent_decoded(value) : unquoted(value));
    }
}

// DBI:driver:what. DBD::mysql and DBD::SQLite also take the bare name, DBD::mysql host and port behind it.
Dsn read_dbi(std::string_view text) {
    const std::size_t colon = text.find(':', 4);
    if (colon == std::string_view::npos) refuse("a second ':' is missing");
    Draft draft;
    draft.dsn.type = type_named(dbi_drivers, text.substr(4, colon - 4));
    std::string_view rest = text.substr(colon + 1);
    const std::string_view first = rest.substr(0, rest.find(';'));
    if (first.find('=') != std::string_view::npos || trimmed(first).empty()) {
        add_pairs(draft, rest, ';', false);
        return draft.finished();
    }
    if (draft.dsn.type == DbType::sqlite) {
        draft.add("dbname", std::string{trimmed(first)});
    } else {
        constexpr std::array<std::string_view, 3> keys{"dbname", "host", "port"};
        const auto parts = split(first, ':');
        if (parts.size() > keys.size()) refuse("there are too many ':' in it");
        for (std::size_t i = 0; i < parts.size(); ++i) draft.add(keys[i], std::string{trimmed(parts[i])});
    }
    rest.remove_prefix(std::min(first.size() + 1, rest.size()));
    add_pairs(draft, rest, ';', false);
    return draft.finished();
}

// "host", "host:port", "[v6]", "[v6]:port", or nothing.
void add_uri_host(Draft& draft, std::string_view text) {
    std::size_t colon = text.rfind(':');
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) refuse("a '[' has no ']'");
        if (end + 1 < text.size() && text[end + 1] != ':')
            refuse("something other than a port follows a ']'");
        draft.hosts.push_back(percent_decoded(text.substr(1, end - 1)));
        colon = end + 1 < text.size() ? end + 1 : std::string_view::npos;
    } else {
        if (text.find(':') != colon) refuse("an IPv6 address needs brackets around it");
        draft.hosts.push_back(percent_decoded(text.substr(0, colon)));
    }
    draft.ports.push_back(colon == std::string_view::npos ? 0 : port_in(text.substr(colon + 1)));
}

Dsn read_uri(std::string_view text) {
    const std::size_t marks = text.find("://");
    Draft draft;
    draft.dsn.type = type_named(uri_schemes, text.substr(0, marks));
    std::string_view rest = text.substr(marks + 3);
    std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    rest.remove_prefix(authority.size());
    // Only so is it sure which part is the password, and that no other part of the text is one.
    if (rest.find('@') != std::string_view::npos || std::count(authority.begin(), authority.end(), '@') > 1) {
        refuse("a '@' or '/' in a user name, password or value has to be written %40 or %2F");
    }
    if (const std::size_t at = authority.find('@'); at != std::string_view::npos) {
        const std::string_view login = authority.substr(0, at);
        const std::size_t colon = login.find(':');
        if (colon != 0) draft.dsn.user = percent_decoded(login.substr(0, colon));
        if (colon != std::string_view::npos) draft.dsn.pass = percent_decoded(login.substr(colon + 1));
        authority.remove_prefix(at + 1);
    }
    const std::size_t question = std::min(rest.find('?'), rest.size());
    std::string path = percent_decoded(rest.substr(0, question));
    if (draft.dsn.type == DbType::sqlite) {
        if (!authority.empty() || draft.dsn.user || draft.dsn.pass)
            refuse("SQLite is a file: three slashes, no host");
        draft.dsn.name = path == "/" ? std::string{} : path;
    } else {
        for (const std::string_view host : split(authority, ',')) {
            if (!host.empty()) add_uri_host(draft, host);
        }
        if (path.size() > 1) draft.dsn.name = path.substr(1);
    }
    if (question < rest.size()) add_pairs(draft, rest.substr(question + 1), '&', true);
    return draft.finished();
}

// "key=value" pairs with the values of secret keys replaced.
std::string masked_pairs(std::string_view text, char separator, bool is_uri) {
    std::string out;
    for (const std::string_view pair : split(text, separator)) {
        if (pair.data() != text.data()) out += separator;
        const std::string_view key = pair.substr(0, pair.find('='));
        const bool secret = is_secret_key(is_uri ? percent_decoded(key) : std::string{key});
        out += secret && key.size() < pair.size() ? std::string{key} + "=***" : std::string{pair};
    }
    return out;
}

}  // namespace

Dsn read_dsn(std::string_view raw) {
    const std::string_view text = trimmed(raw);
    if (lower(text.substr(0, 4)) == "dbi:") return read_dbi(text);
    if (text.find("://") != std::string_view::npos) return read_uri(text);
    refuse("it begins neither with DBI: nor with a name and ://");
}

std::string masked_dsn(std::string_view raw) {
    const std::string_view text = trimmed(raw);
    if (lower(text.substr(0, 4)) == "dbi:") {
        const std::size_t colon = std::min(text.find(':', 4), text.size() - 1);
        return std::string{text.substr(0, colon + 1)} + masked_pairs(text.substr(colon + 1), ';', false);
    }
    std::string out{text.substr(0, text.find('?'))};
    const std::size_t login = out.find("://") + 3;
    const std::size_t at = out.rfind('@');
    const std::size_t colon = out.find(':', login);
    if (at != std::string::npos && colon < at) out.replace(colon + 1, at - colon - 1, "***");
    if (out.size() < text.size()) {
        out += '?';
        out += masked_pairs(text.substr(text.find('?') + 1), '&', true);
    }
    return out;
}

}  // namespace sqlgrey::config
