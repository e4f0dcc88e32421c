// Both forms of a data source give the same few keys. The text is split at the separators first and decoded
// afterwards, so that a decoded character is never a separator.
#include "sqlgrey/config/dsn.hpp"

#include "dsn_keys.hpp"
#include "dsn_text.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>

namespace sqlgrey::config {
namespace {

struct Scheme {
    std::string_view word;
    Database type;
};
constexpr std::array<Scheme, 4> dbi_drivers{{{"pg", Database::postgresql},
                                             {"mysql", Database::mysql},
                                             {"mariadb", Database::mysql},
                                             {"sqlite", Database::sqlite}}};
constexpr std::array<Scheme, 5> uri_schemes{{{"postgresql", Database::postgresql},
                                             {"postgres", Database::postgresql},
                                             {"mysql", Database::mysql},
                                             {"mariadb", Database::mysql},
                                             {"sqlite", Database::sqlite}}};

template <std::size_t n>
Database type_named(const std::array<Scheme, n>& known, std::string_view word) {
    const std::string wanted = base::ascii_lower(word);
    for (const Scheme& scheme : known) {
        if (scheme.word == wanted) return scheme.type;
    }
    refuse_dsn("its beginning names no database we know");
}

int port_in(std::string_view text) {
    try {
        return read_db_port(text);
    } catch (const std::invalid_argument&) {
        refuse_dsn("a port in it is not a number from 1 to 65535");
    }
}

bool looks_like_a_key(std::string_view text) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    return text.size() <= 40 && std::all_of(text.begin(), text.end(), fits);
}

[[noreturn]] void refuse_key(Database type, const std::string& shown) {
    throw std::invalid_argument(
        "expected keys that are known for this database (" + known_keys(type) + "); " +
        (shown.empty() ? "one is unknown; if it is part of a password, write the password within '...', in a "
                         "URI with % and two hexadecimal digits"
                       : '"' + shown + "\" is not one of them"));
}

// Hosts and ports are collected separately and combined at the end.
struct Draft {
    Dsn dsn;
    std::vector<std::string> hosts;
    std::vector<int> ports;
    bool behind_password = false;

    void add(std::string_view key_as_written, std::string value) {
        const std::string key = base::ascii_lower(key_as_written);
        if (key == "dbname" || key == "database" || key == "db") {
            dsn.name = std::move(value);
        } else if (dsn.type == Database::sqlite || !add_of_server(key, value)) {
            add_option(key, std::move(value));
        }
    }

    // What every server has and SQLite has not. False: the key is another.
    bool add_of_server(const std::string& key, const std::string& value) {
        if (key == "host" || key == "hostname") {
            hosts = read_paths(value);
        } else if (key == "port") {
            ports.clear();
            for (const std::string_view port : split(value, ',')) ports.push_back(port_in(port));
        } else if (key == "user" || key == "username") {
            dsn.user = value;
        } else if (key == "password" || key == "passwd" || key == "pass") {
            dsn.pass = value;
            behind_password = true;
        } else {
            return false;
        }
        return true;
    }

    void add_option(const std::string& key, std::string value) {
        const KeyUse use = use_of(dsn.type, key);
        // What follows a password may be the rest of it, if the password contains a separator.
        const std::string shown = behind_password || !looks_like_a_key(key) ? "" : key;
        if (use == KeyUse::unknown) refuse_key(dsn.type, shown);
        behind_password = behind_password || is_secret_key(key);
        if (use == KeyUse::ignored)
            dsn.ignored.push_back(shown);
        else if (key != "mysql_ssl" || value != "0")
            dsn.options.emplace_back(key, std::move(value));
    }

    void put_ports_to_hosts() {
        if (ports.size() > 1 && ports.size() != hosts.size())
            refuse_dsn("it names more or fewer ports than hosts");
        const bool same =
            std::adjacent_find(ports.begin(), ports.end(), std::not_equal_to<>()) == ports.end();
        if (same && !ports.empty()) dsn.port = ports.front();
        for (std::size_t i = 0; i < hosts.size(); ++i) {
            std::string entry = hosts[i];
            if (!same && ports[i] != 0) {
                if (entry.find(':') != std::string::npos && !entry.starts_with('/'))
                    entry = '[' + entry + ']';
                entry += ':' + std::to_string(ports[i]);
            } else if (entry.starts_with('/') && read_db_host(entry).port != 0) {
                // The path of the socket ends like "host:port". With a port of its own at the end it is read
                // correctly.
                entry += ":" + std::to_string(dsn.port != 0 ? dsn.port : usual_port());
            }
            dsn.hosts.push_back(std::move(entry));
        }
    }

    int usual_port() const { return dsn.type == Database::mysql ? 3306 : 5432; }

    // TLS without a CA proves nothing about the server, and the client library cannot be made to do it.
    void check_tls() const {
        const auto has = [&](std::string_view key) {
            return std::ranges::any_of(dsn.options, [&](const auto& option) { return option.first == key; });
        };
        if (has("mysql_ssl") && !has("mysql_ssl_ca_file") && !has("sslca"))
            refuse_dsn("mysql_ssl needs the file of the CA: add mysql_ssl_ca_file");
    }

    Dsn finished() {
        put_ports_to_hosts();
        check_tls();
        try {
            for (const std::string& host : dsn.hosts) {
                if (!host.starts_with('/') && read_db_hosts(host) != std::vector<std::string>{host})
                    throw std::invalid_argument(host);
            }
        } catch (const std::invalid_argument&) {
            refuse_dsn("a host in it is neither a name nor an address nor the directory of a socket");
        }
        if (dsn.name && dsn.name->empty()) dsn.name.reset();
        if (dsn.type == Database::sqlite && !dsn.name) refuse_dsn("it names no file");
        return std::move(dsn);
    }
};

void add_pairs(Draft& draft, std::string_view text, bool is_uri) {
    for (const std::string_view raw : pairs_of(text, is_uri)) {
        const std::string_view pair = base::trimmed(raw);
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0) refuse_dsn("a part of it has no key=value");
        const std::string_view key = base::trimmed(pair.substr(0, equals));
        const std::string_view value = base::trimmed(pair.substr(equals + 1));
        const bool bare = !is_uri && !value.starts_with('\'') && !is_secret_key(key);
        if (bare && holds_another_pair(value))
            refuse_dsn("a ';' is missing in it, or the quotes of a value with a blank and a '='");
        draft.add(is_uri ? percent_decoded(key) : std::string{key},
                  is_uri ? percent_decoded(value) : unquoted(value));
    }
}

// DBI:driver:what. DBD::mysql and DBD::SQLite also accept a bare name, DBD::mysql with host and port after
// it.
Dsn read_dbi(std::string_view text) {
    const std::size_t colon = text.find(':', 4);
    if (colon == std::string_view::npos) refuse_dsn("a second ':' is missing");
    Draft draft;
    draft.dsn.type = type_named(dbi_drivers, text.substr(4, colon - 4));
    std::string_view rest = text.substr(colon + 1);
    const std::string_view first = rest.substr(0, rest.find(';'));
    if (first.find('=') != std::string_view::npos || base::trimmed(first).empty()) {
        add_pairs(draft, rest, false);
        return draft.finished();
    }
    if (draft.dsn.type == Database::sqlite) {
        draft.add("dbname", std::string{base::trimmed(first)});
    } else {
        constexpr std::array<std::string_view, 3> keys{"dbname", "host", "port"};
        const auto parts = split(first, ':');
        if (parts.size() > keys.size()) refuse_dsn("there are too many ':' in it");
        for (std::size_t i = 0; i < parts.size(); ++i)
            draft.add(keys[i], std::string{base::trimmed(parts[i])});
    }
    rest.remove_prefix(std::min(first.size() + 1, rest.size()));
    add_pairs(draft, rest, false);
    return draft.finished();
}

// "host", "host:port", "[v6]", "[v6]:port", or an empty text.
void add_uri_host(Draft& draft, std::string_view text) {
    std::size_t colon = text.rfind(':');
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) refuse_dsn("a '[' has no ']'");
        if (end + 1 < text.size() && text[end + 1] != ':')
            refuse_dsn("something other than a port follows a ']'");
        draft.hosts.push_back(percent_decoded(text.substr(1, end - 1)));
        colon = end + 1 < text.size() ? end + 1 : std::string_view::npos;
    } else {
        if (text.find(':') != colon) refuse_dsn("an IPv6 address needs brackets around it");
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
    // Otherwise it is uncertain which part is the password.
    if (rest.find('@') != std::string_view::npos || std::count(authority.begin(), authority.end(), '@') > 1) {
        refuse_dsn("a '@' or '/' in a user name, password or value has to be written %40 or %2F");
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
    if (draft.dsn.type == Database::sqlite) {
        if (!authority.empty() || draft.dsn.user || draft.dsn.pass)
            refuse_dsn("SQLite is a file: three slashes, no host");
        draft.dsn.name = path == "/" ? std::string{} : path;
    } else {
        for (const std::string_view host : split(authority, ',')) {
            if (!host.empty()) add_uri_host(draft, host);
        }
        if (path.size() > 1) draft.dsn.name = path.substr(1);
    }
    if (question < rest.size()) add_pairs(draft, rest.substr(question + 1), true);
    return draft.finished();
}

// "key=value" pairs, with the values of secret keys replaced.
std::string masked_pairs(std::string_view text, bool is_uri) {
    std::string out;
    for (const std::string_view pair : pairs_of(text, is_uri)) {
        if (pair.data() != text.data()) out += is_uri ? '&' : ';';
        const std::string_view key = pair.substr(0, pair.find('='));
        const bool secret = is_secret_key(is_uri ? percent_decoded(key) : std::string{key});
        out += secret && key.size() < pair.size() ? std::string{key} + "=***" : std::string{pair};
    }
    return out;
}

}  // namespace

Dsn read_dsn(std::string_view raw) {
    const std::string_view text = base::trimmed(raw);
    if (base::ascii_lower(text.substr(0, 4)) == "dbi:") return read_dbi(text);
    if (text.find("://") != std::string_view::npos) return read_uri(text);
    refuse_dsn("it begins neither with DBI: nor with a name and ://");
}

bool is_data_source(std::string_view text) {
    const std::string beginning = base::ascii_lower(base::trimmed(text).substr(0, 16));
    return beginning.starts_with("dbi:") || std::ranges::any_of(uri_schemes, [&](const Scheme& scheme) {
               return beginning.starts_with(std::string{scheme.word} + "://");
           });
}

std::string masked_dsn(std::string_view raw) {
    const std::string_view text = base::trimmed(raw);
    if (base::ascii_lower(text.substr(0, 4)) == "dbi:") {
        const std::size_t colon = std::min(text.find(':', 4), text.size() - 1);
        return std::string{text.substr(0, colon + 1)} + masked_pairs(text.substr(colon + 1), false);
    }
    const std::size_t question = std::min(text.find('?'), text.size());
    std::string out{text.substr(0, question)};
    const std::size_t login = out.find("://") + 3;
    const std::size_t at = out.rfind('@');
    const std::size_t colon = out.find(':', login);
    if (at != std::string::npos && colon < at) out.replace(colon + 1, at - colon - 1, "***");
    if (question < text.size()) out += '?' + masked_pairs(text.substr(question + 1), true);
    return out;
}

}  // namespace sqlgrey::config
