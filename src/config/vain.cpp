// What is set in vain beside the other settings.
#include "reading.hpp"
#include "sqlgrey/base/placeholders.hpp"
#include "sqlgrey/config/values.hpp"

namespace sqlgrey::config {
namespace {

// The line that sets a parameter to something else than its default, or null.
const Given* set_to_more(const Reading& reading, std::string_view name) {
    const Given* given = reading.understood(name);
    return given && trimmed(given->value) != parameter(name)->default_text ? given : nullptr;
}

void warn(Reading& reading, std::string_view name, const std::string& text) {
    if (const Given* given = set_to_more(reading, name))
        reading.warning(given->line, std::string{name} + text);
}

// Reading from replicas needs replicas, and a database that has them.
void check_cluster(Reading& reading) {
    const Settings& settings = reading.out.settings;
    if (settings.db_cluster && settings.read_hosts.empty()) {
        warn(reading, "db_cluster", " = on has no effect without read_hosts; name the replicas there");
    } else if (settings.db_cluster && settings.db_type == DbType::sqlite) {
        warn(reading, "db_cluster", " has no effect on SQLite, which has no replicas");
    } else if (!settings.db_cluster && !settings.read_hosts.empty()) {
        warn(reading, "read_hosts", " has no effect without db_cluster = on");
    }
}

void check_prefixes(Reading& reading) {
    if (reading.out.settings.greymethod == GreyMethod::prefix) return;
    for (const std::string_view name : {"ipv4_prefix", "ipv6_prefix"})
        warn(reading, name, " has no effect without greymethod = prefix");
}

// One retry an hour is counted: a client whose row is gone by then never has two.
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
        warn(reading, "x_greylist_header", " has no effect with prepend = off");
    } else if (!base::has_placeholder(settings.x_greylist_header, 'h')) {
        warn(reading, "hostname", " has no effect: x_greylist_header does not say %h");
    }
}

// Two codes would stand in one reply; Postfix takes the second for text.
void check_codes(Reading& reading) {
    const Settings& settings = reading.out.settings;
    const bool immed =
        settings.reject_first_attempt == Reject::immed || settings.reject_early_reconnect == Reject::immed;
    const bool both =
        settings.reject_code.find(' ') != std::string::npos && !enhanced_code(settings.greylist_text).empty();
    if (immed && both)
        warn(reading, "greylist_text",
             ": both it and reject_code = " + settings.reject_code +
                 " hold an enhanced code, the reply would have both; delete one of them");
}

void check_attack(Reading& reading) {
    const std::string_view text = reading.out.settings.greylist_text;
    const std::string words = lower(trimmed(text.substr(enhanced_code(text).size())));
    if (words.starts_with("service unavailable"))
        warn(reading, "greylist_text",
             " begins with Service unavailable: fail2ban takes such replies for an attack and would ban whom "
             "sqlgrey defers; choose other words");
}

}  // namespace

void warn_of_vain_settings(Reading& reading) {
    check_cluster(reading);
    check_prefixes(reading);
    check_client_awl(reading);
    check_rule_number(reading);
    check_header(reading);
    check_codes(reading);
    check_attack(reading);
}

}  // namespace sqlgrey::config
