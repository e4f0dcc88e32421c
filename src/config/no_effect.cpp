// Settings that have no effect together with the others, or not the intended one.
#include "reading.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/placeholders.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/dsn.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>

namespace sqlgrey::config {
namespace {

// The line that sets a parameter to something other than its default, or null.
const Given* set_to_non_default(const Reading& reading, std::string_view name) {
    const Given* given = reading.understood(name);
    return given && base::trimmed(given->value) != parameter(name)->default_text ? given : nullptr;
}

void warn(Reading& reading, std::string_view name, const std::string& text) {
    if (const Given* given = set_to_non_default(reading, name))
        reading.warning(given->line, std::string{name} + text);
}

bool is_given(const Reading& reading, std::string_view name) {
    const Given* given = reading.understood(name);
    return given && !given->value.empty();
}

// "a", "a and b", "a, b and c"
std::string and_list(const std::vector<std::string_view>& names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) out += i + 1 == names.size() ? " and " : ", ";
        out += names[i];
    }
    return out;
}

constexpr std::string_view server_parameters[] = {"db_host", "db_port", "db_user", "db_pass", "db_pass_file"};

// A file of SQLgrey 1.8 with the location of a PostgreSQL, but without db_type, because Pg was the default.
void check_forgotten_type(Reading& reading) {
    std::vector<std::string_view> names;
    for (const std::string_view name : server_parameters)
        if (is_given(reading, name)) names.push_back(name);
    if (names.empty()) return;
    reading.warning(
        reading.understood(names.front())->line,
        "without db_type the database is SQLite, the file " + log::escape(reading.out.settings.db_name) +
            ", and " + and_list(names) + (names.size() == 1 ? " has" : " have") +
            " no effect; SQLgrey 1.8 takes PostgreSQL then: write db_type = Pg if that is meant, or "
            "db_type = mysql, or delete " +
            (names.size() == 1 ? "the line" : "these lines"));
}

// Settings for files with a server, and for servers with a file.
void check_database(Reading& reading) {
    const Settings& settings = reading.out.settings;
    if (settings.db_type != Database::sqlite)
        return warn(reading, "sqlite_synchronous", " has no effect: the database is not SQLite");
    const bool has_dsn = is_given(reading, "db_dsn");
    if (!has_dsn && !reading.given.contains("db_type")) return check_forgotten_type(reading);
    for (const std::string_view name : server_parameters) {
        const bool is_told = has_dsn && (name == "db_host" || name == "db_port");  // that db_dsn overrides it
        if (!is_told) warn(reading, name, " has no effect: SQLite has no server; delete the line");
    }
}

bool has_port_or_path(const std::string& host) {
    return host.starts_with('/') || read_db_host(host).port != 0;
}

// MySQL's client library connects to a socket for "localhost".
void check_port(Reading& reading) {
    const Settings& settings = reading.out.settings;
    if (settings.db_type == Database::sqlite || settings.db_port == 0) return;
    const std::vector<std::string>& hosts = settings.db_hosts;
    if (!hosts.empty() &&
        std::ranges::all_of(hosts, [](const std::string& host) { return read_db_host(host).port != 0; }))
        return warn(reading, "db_port", " has no effect: each server of db_host has a port of its own");
    if (settings.db_type != Database::mysql) return;
    if (std::ranges::all_of(
            hosts, [](const std::string& host) { return host == "localhost" || has_port_or_path(host); }))
        warn(reading, "db_port",
             " has no effect: localhost is the socket of MySQL; write db_host = 127.0.0.1 for TCP");
}

void check_sockets(Reading& reading) {
    const Settings& settings = reading.out.settings;
    const auto is_unix = [](const std::string& milter) { return milter.starts_with("unix:"); };
    if (settings.unix_path.empty() && std::ranges::none_of(settings.milter, is_unix))
        warn(reading, "unix_mode", " has no effect without unix");
}

void check_mail(Reading& reading) {
    if (reading.out.settings.admin_mail.empty())
        warn(reading, "sendmail", " has no effect: admin_mail is empty, no mail is sent");
}

// The default is the value of reject_first_attempt.
bool is_usual_delay(const Reading& reading, std::string_view name) {
    return name == "reject_early_reconnect" &&
           reading.out.settings.reject_early_reconnect == reading.out.settings.reject_first_attempt;
}

// Replies to deferred clients have no effect while none are deferred.
void check_training(Reading& reading) {
    if (!reading.out.settings.training) return;
    std::vector<std::string_view> names;
    for (const std::string_view name :
         {"prepend", "reject_first_attempt", "reject_early_reconnect", "reject_code", "greylist_text",
          "blacklist_reply", "x_greylist_header", "hostname", "discrimination_add_rulenr", "reply_id",
          "on_db_failure"})
        if (set_to_non_default(reading, name) && !is_usual_delay(reading, name)) names.push_back(name);
    if (!names.empty())
        warn(reading, "training",
             " = on lets all mail pass, so " + and_list(names) + (names.size() == 1 ? " has" : " have") +
                 " no effect");
}

// Exim opens a connection for each recipient, and a message is remembered within its connection.
void check_exim(Reading& reading) {
    const Given* given = reading.understood("message_coherence");
    if (reading.out.settings.exim && reading.out.settings.message_coherence && given)
        reading.warning(given->line,
                        "message_coherence has no effect with exim = on, which closes the connection "
                        "after each recipient");
}

void check_reject_code(Reading& reading) {
    const Settings& settings = reading.out.settings;
    const bool immed =
        settings.reject_first_attempt == Reject::immed || settings.reject_early_reconnect == Reject::immed;
    if (!immed)
        warn(reading, "reject_code",
             " has no effect without reject_first_attempt = immed or reject_early_reconnect = immed");
}

// Reading from replicas needs replicas, and a database that supports them.
void check_cluster(Reading& reading) {
    const Settings& settings = reading.out.settings;
    if (settings.db_cluster && settings.read_hosts.empty()) {
        warn(reading, "db_cluster", " = on has no effect without read_hosts; name the replicas there");
    } else if (settings.db_cluster && settings.db_type == Database::sqlite) {
        warn(reading, "db_cluster", " has no effect on SQLite, which has no replicas");
    } else if (!settings.db_cluster && !settings.read_hosts.empty()) {
        warn(reading, "read_hosts", " has no effect without db_cluster = on");
    }
}

void check_prepare(Reading& reading) {
    if (reading.out.settings.db_type == Database::sqlite)
        warn(reading, "db_prepare", " has no effect on SQLite, which has no server to prepare for");
}

void check_prefixes(Reading& reading) {
    if (reading.out.settings.greymethod == GreyMethod::prefix) return;
    for (const std::string_view name : {"ipv4_prefix", "ipv6_prefix"})
        warn(reading, name, " has no effect without greymethod = prefix");
}

void check_pools(Reading& reading) {
    if (reading.out.settings.pools) return;
    for (const std::string_view name : {"pool_crowd", "pool_unproven_retries", "public_suffix_list"})
        warn(reading, name, " has no effect without pools = on");
}

void check_enrich(Reading& reading) {
    for (const std::string_view name :
         {"dns_servers", "dns_timeout", "dnswl", "dnsbl", "p0f_socket", "dnsbl_threshold", "dnswl_pass",
          "dnsbl_delay", "spf_identity", "spf_fail_delay", "first_contact_wait"})
        warn(reading, name, " has no effect without enrich = on");
}

// Exim does not know Postfix's SLEEP, and takes a reply that it does not understand for a pass.
void check_tarpit(Reading& reading) {
    const Settings& settings = reading.out.settings;
    const bool has_none = settings.tarpit.count() == 0;
    for (const std::string_view name : {"tarpit_when", "tarpit_clients", "targrey"})
        if (has_none) warn(reading, name, " has no effect without tarpit");
    if (has_none) return;
    if (settings.exim) warn(reading, "tarpit", " has no effect with exim = on: only Postfix can wait");
    if (settings.training) warn(reading, "tarpit", " has no effect with training = on");
    if (settings.reject_code == "dunno" &&
        (settings.reject_first_attempt == Reject::immed || settings.reject_early_reconnect == Reject::immed))
        warn(reading, "tarpit", " has no effect with reject_code = dunno");
    if (settings.tarpit_when == TarpitWhen::suspicious && !settings.discrimination)
        reading.warning(reading.understood("tarpit_when")->line,
                        "tarpit_when = suspicious lets nobody wait without discrimination = on");
}

// The greatest sum of weights that a client can have.
std::int64_t all_weights(const std::vector<DnsListEntry>& entries) {
    std::int64_t sum = 0;
    for (const DnsListEntry& entry : entries) sum += entry.worth.value_or(1);
    return sum;
}

void check_dns_lists(Reading& reading) {
    const Settings& settings = reading.out.settings;
    if (settings.dnswl.empty()) warn(reading, "dnswl_pass", " has no effect without a list in dnswl");
    if (settings.dnsbl.empty()) {
        for (const std::string_view name : {"dnsbl_threshold", "dnsbl_delay"})
            warn(reading, name, " has no effect without a list in dnsbl");
    } else if (const std::int64_t most = all_weights(settings.dnsbl); most < settings.dnsbl_threshold) {
        warn(reading, "dnsbl_threshold",
             " is never reached: the weights of all lists in dnsbl add up to " + std::to_string(most));
    }
}

void check_fact_delays(Reading& reading) {
    const Settings& settings = reading.out.settings;
    const std::string than_others =
        " has no effect: it is not longer than reconnect_delay = " + shown_duration(settings.reconnect_delay);
    if (!settings.dnsbl.empty() && settings.dnsbl_delay <= settings.reconnect_delay)
        warn(reading, "dnsbl_delay", than_others);
    if (settings.spf_fail_delay <= settings.reconnect_delay) warn(reading, "spf_fail_delay", than_others);
    // Lists may have entries about p0f.
    if (settings.dnswl_pass == DnswlPass::off && !settings.spf_identity && settings.p0f_socket.empty())
        warn(reading, "first_contact_wait",
             " has no effect without dnswl_pass, spf_identity or p0f_socket: no fact lets a first attempt "
             "pass");
}

// One retry an hour is counted: a client whose row expires earlier never has two.
void check_client_awl(Reading& reading) {
    const Settings& settings = reading.out.settings;
    if (settings.auto_whitelist_clients < 2 || settings.awl_age > std::chrono::hours{1}) return;
    warn(reading, "auto_whitelist_clients",
         " has no effect: one retry an hour is counted, and awl_age = " + shown_duration(settings.awl_age) +
             " forgets it before the next; raise awl_age");
}

void check_rule_number(Reading& reading) {
    const Settings& settings = reading.out.settings;
    if (settings.discrimination_add_rulenr && !settings.discrimination)
        warn(reading, "discrimination_add_rulenr", " has no effect without discrimination = on");
}

void check_header(Reading& reading) {
    const Settings& settings = reading.out.settings;
    if (!settings.prepend) {
        for (const std::string_view name : {"x_greylist_header", "hostname"})
            warn(reading, name, " has no effect with prepend = 0");
    } else if (!base::has_placeholder(settings.x_greylist_header, 'h')) {
        warn(reading, "hostname", " has no effect: x_greylist_header does not say %h");
    }
}

// The reply would contain two codes; Postfix takes the second for text.
void check_codes(Reading& reading) {
    const Settings& settings = reading.out.settings;
    const bool immed =
        settings.reject_first_attempt == Reject::immed || settings.reject_early_reconnect == Reject::immed;
    const bool both =
        settings.reject_code.find(' ') != std::string::npos && !enhanced_code(settings.greylist_text).empty();
    if (immed && both)
        warn(reading, "greylist_text",
             ": both it and reject_code = " + settings.reject_code +
                 " contain an enhanced code, the reply would have both; delete one of them");
}

void check_attack(Reading& reading) {
    const std::string_view text = reading.out.settings.greylist_text;
    const std::string words = base::ascii_lower(base::trimmed(text.substr(enhanced_code(text).size())));
    if (words.starts_with("service unavailable"))
        warn(reading, "greylist_text",
             " begins with Service unavailable: fail2ban takes such replies for an attack and would ban whom "
             "sqlgrey defers; choose other words");
}

}  // namespace

void warn_of_settings_without_effect(Reading& reading) {
    check_sockets(reading);
    check_exim(reading);
    check_mail(reading);
    check_database(reading);
    check_port(reading);
    check_cluster(reading);
    check_prepare(reading);
    check_prefixes(reading);
    check_pools(reading);
    if (reading.out.settings.enrich) {
        check_dns_lists(reading);
        check_fact_delays(reading);
    } else {
        check_enrich(reading);
    }
    check_tarpit(reading);
    check_client_awl(reading);
    check_rule_number(reading);
    check_header(reading);
    check_reject_code(reading);
    check_training(reading);
    check_codes(reading);
    check_attack(reading);
}

}  // namespace sqlgrey::config
