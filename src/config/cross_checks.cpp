// Checks of several parameters together.
#include "dsn_keys.hpp"
#include "reading.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/keyed_hash.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/dsn.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include <sys/un.h>

namespace sqlgrey::config {
namespace {

constexpr std::size_t longest_socket_path = sizeof(sockaddr_un::sun_path) - 1;

std::string_view type_name(Database type) {
    if (type == Database::postgresql) return "Pg";
    return type == Database::mysql ? "mysql" : "SQLite";
}

void make_paths_absolute(Reading& reading) {
    Settings& settings = reading.out.settings;
    for (const auto path : {&Settings::conf_dir, &Settings::pidfile, &Settings::unix_path,
                            &Settings::db_pass_file, &Settings::privacy_key_file, &Settings::sendmail}) {
        if (!(settings.*path).empty()) settings.*path = reading.absolute(settings.*path);
    }
}

void make_lists_absolute(Reading& reading, std::string_view name, std::vector<std::string> Settings::*paths) {
    for (std::string& path : reading.out.settings.*paths) path = reading.absolute(path);
    reading.in_force(name).value = base::joined(reading.out.settings.*paths, ",");
}

// If only unix is set, inet and its default do not apply.
void choose_sockets(Reading& reading) {
    Settings& settings = reading.out.settings;
    const Given* inet = reading.understood("inet");
    const bool inet_set = inet && !settings.inet.empty();
    if (!inet_set && !settings.unix_path.empty()) {
        settings.inet.clear();
        reading.in_force("inet") = {"inet", "", "unix is set", false};
    } else if (!inet_set) {
        settings.inet = read_endpoints(parameter("inet")->default_text);
        reading.in_force("inet").value = base::joined(settings.inet, ",");
    }
    const Given* path = reading.understood("unix");
    if (path && settings.unix_path.size() > longest_socket_path) {
        reading.error(path->line, "unix = " + log::escape(settings.unix_path) +
                                      ": expected a path of at most " + std::to_string(longest_socket_path) +
                                      " bytes, the system accepts no longer one; choose a shorter path");
    }
}

// The sockets of an entry of inet. A port without a host, and localhost, is one of each family.
std::vector<std::string> sockets_of(std::string address) {
    if (address.find(':') == std::string::npos) address.insert(0, "localhost:");
    constexpr std::string_view both = "localhost:";
    if (!address.starts_with(both)) return {"inet:" + address};
    const std::string port = address.substr(both.size());
    return {"inet:127.0.0.1:" + port, "inet:[::1]:" + port};
}

// Otherwise the start fails, and the administrator looks for another program.
void check_milters(Reading& reading) {
    const Settings& settings = reading.out.settings;
    const Given* given = reading.understood("milter");
    if (!given) return;
    std::set<std::string> others{"unix:" + settings.unix_path};
    for (const std::string& address : settings.inet)
        for (const std::string& socket : sockets_of(address)) others.insert(socket);
    for (const std::string& milter : settings.milter) {
        bool is_alone = true;
        for (const std::string& socket :
             milter.starts_with("inet:") ? sockets_of(milter.substr(5)) : std::vector{milter})
            is_alone &= others.insert(socket).second;
        if (!is_alone)
            reading.error(given->line, "milter = " + log::escape(milter) +
                                           ": expected a socket that no other entry of inet, unix or milter "
                                           "names; a client speaks either protocol, not both");
    }
}

void show_early_reconnect(Reading& reading) {
    InForce& shown = reading.in_force("reject_early_reconnect");
    if (!shown.value.empty()) return;
    const bool immed = reading.out.settings.reject_early_reconnect == Reject::immed;
    shown.value = immed ? "immed" : "delay";
    shown.origin = "as reject_first_attempt";
}

void show_from_dsn(Reading& reading, std::string_view name, std::string value, bool hidden = false) {
    const Given* own = reading.understood(name);
    if (own && !own->value.empty() && base::ascii_lower(own->value) != base::ascii_lower(value)) {
        reading.warning(own->line, std::string{name} + " is not used: db_dsn in line " +
                                       std::to_string(reading.understood("db_dsn")->line) +
                                       " wins; delete one of them");
    }
    reading.in_force(name) = {std::string{name}, std::move(value), "db_dsn", hidden};
}

void show_dsn(Reading& reading) {
    const Given* given = reading.understood("db_dsn");
    if (!given || given->value.empty()) return;
    const Dsn dsn = read_dsn(given->value);
    const Settings& settings = reading.out.settings;
    for (const std::string& key : dsn.ignored)
        reading.warning(given->line,
                        "db_dsn (value not shown): " + (key.empty() ? "a key" : '"' + key + '"') +
                            " has no effect; those that have are " + known_keys(dsn.type));
    show_from_dsn(reading, "db_type", std::string{type_name(dsn.type)});
    if (dsn.name) show_from_dsn(reading, "db_name", *dsn.name);
    show_from_dsn(reading, "db_host", base::joined(settings.db_hosts, ","));
    show_from_dsn(reading, "db_port", settings.db_port == 0 ? "default" : std::to_string(settings.db_port));
    if (dsn.user) show_from_dsn(reading, "db_user", *dsn.user);
    if (dsn.pass) show_from_dsn(reading, "db_pass", std::string{not_shown}, true);
}

bool has_password(const Dsn& dsn) {
    return dsn.pass || std::ranges::any_of(dsn.options, [](const auto& option) {
               return is_secret_key(option.first) && option.first != "passfile";
           });
}

// db_pass_file and privacy_key_file are checked where they are read.
void check_rights(Reading& reading) {
    if (!reading.others_can_read) return;
    const Given* pass = reading.understood("db_pass");
    const Given* dsn = reading.understood("db_dsn");
    const bool in_dsn = dsn && !dsn->value.empty() && has_password(read_dsn(dsn->value));
    if (!in_dsn && (!pass || pass->value.empty())) return;
    const std::string name = in_dsn ? "db_dsn" : "db_pass";
    reading.warning(
        in_dsn ? dsn->line : pass->line,
        name +
            ": everybody on this machine can read the password in this file; chmod o-r it, or put the "
            "password into a db_pass_file");
}

void take_password(Reading& reading) {
    const Given* file = reading.understood("db_pass_file");
    Settings& settings = reading.out.settings;
    if (!file || file->value.empty()) return;
    if (!settings.db_pass.empty()) {
        reading.warning(file->line, "db_pass_file wins over the password in " +
                                        reading.in_force("db_pass").origin + "; delete one of them");
    }
    settings.db_pass =
        read_secret(reading, {"db_pass_file", "password", 1}, settings.db_pass_file, file->line);
    reading.in_force("db_pass") = {"db_pass", std::string{not_shown}, "db_pass_file", true};
}

void take_key(Reading& reading) {
    const Given* given = reading.understood("privacy_key_file");
    Settings& settings = reading.out.settings;
    if (!given || given->value.empty()) return;
    settings.privacy_key = read_secret(reading, {"privacy_key_file", "key", base::KeyedHash::shortest_key},
                                       settings.privacy_key_file, given->line);
}

// Each process would have its own database in memory.
void find_sqlite_file(Reading& reading) {
    Settings& settings = reading.out.settings;
    if (settings.db_type != Database::sqlite) return;
    InForce& shown = reading.in_force("db_name");
    if (settings.db_name == ":memory:") {
        const Given* given = reading.understood(shown.origin == "db_dsn" ? "db_dsn" : "db_name");
        reading.error(given ? given->line : 0,
                      "the database is :memory:, expected a file: several processes share it; name a path");
        return;
    }
    reading.out.db_name_is_relative = !settings.db_name.starts_with('/');
    settings.db_name = reading.absolute(settings.db_name);
    shown.value = settings.db_name;
}

std::string shown_time(Reading& reading, std::string_view name) {
    const Given* given = reading.understood(name);
    const InForce& in_force = reading.in_force(name);
    return std::string{name} + " = " + in_force.value + " (" +
           (given ? "line " + std::to_string(given->line) : "the default") + ", that is " +
           shown_duration(name == "reconnect_delay" ? reading.out.settings.reconnect_delay
                                                    : reading.out.settings.max_connect_age) +
           ")";
}

void check_delays(Reading& reading) {
    const Settings& settings = reading.out.settings;
    if (settings.max_connect_age > settings.reconnect_delay) return;
    if (reading.refused.contains("max_connect_age") || reading.refused.contains("reconnect_delay")) return;
    const Given* age = reading.understood("max_connect_age");
    const Given* place = age ? age : reading.understood("reconnect_delay");
    reading.error(place ? place->line : 0,
                  shown_time(reading, "max_connect_age") + ": expected more than " +
                      shown_time(reading, "reconnect_delay") +
                      ", or no retry could ever pass; raise the one or lower the other");
}

// A client that must wait longer than it is remembered never passes.
void check_fact_delays(Reading& reading) {
    const Settings& settings = reading.out.settings;
    if (!settings.enrich || reading.refused.contains("max_connect_age")) return;
    for (const auto& [name, delay] : {std::pair{"dnsbl_delay", settings.dnsbl_delay},
                                      std::pair{"spf_fail_delay", settings.spf_fail_delay}}) {
        const Given* given = reading.understood(name);
        if (!given || delay < settings.max_connect_age) continue;
        reading.error(given->line, std::string{name} + " = " + given->value + ", that is " +
                                       shown_duration(delay) + ": expected less than " +
                                       shown_time(reading, "max_connect_age") +
                                       ", or no retry of such a client could ever pass");
    }
}

}  // namespace

void Reading::error(int line, std::string text) {
    out.problems.push_back({SettingsProblem::Kind::error, file, line, std::move(text)});
}

void Reading::warning(int line, std::string text) {
    out.problems.push_back({SettingsProblem::Kind::warning, file, line, std::move(text)});
}

const Given* Reading::understood(std::string_view name) const {
    const auto found = given.find(name);
    return found == given.end() || refused.contains(name) ? nullptr : &found->second;
}

InForce& Reading::in_force(std::string_view name) {
    return out.in_force[static_cast<std::size_t>(parameter(name) - parameters().data())];
}

std::string Reading::absolute(const std::string& path) const {
    if (path.starts_with('/')) return path;
    std::error_code ignored;  // without a current directory the path stays relative, and opening it fails
    const std::filesystem::path base =
        directory.empty() ? std::filesystem::current_path(ignored) : std::filesystem::path{directory};
    return (base / path).string();
}

std::string Reading::origin(const Given& from) const {
    return log::escape(file) + ':' + std::to_string(from.line);
}

void combine_settings(Reading& reading) {
    make_paths_absolute(reading);
    make_lists_absolute(reading, "whitelist_clients", &Settings::whitelist_clients);
    make_lists_absolute(reading, "whitelist_recipients", &Settings::whitelist_recipients);
    choose_sockets(reading);
    check_milters(reading);
    show_early_reconnect(reading);
    show_dsn(reading);
    check_rights(reading);
    take_password(reading);
    take_key(reading);
    find_sqlite_file(reading);
    check_delays(reading);
    check_fact_delays(reading);
    warn_of_settings_without_effect(reading);
}

}  // namespace sqlgrey::config
