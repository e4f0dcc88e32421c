#include "sqlgrey/setup/parts.hpp"

#include "sqlgrey/config/dsn.hpp"
#include "sqlgrey/log/problems.hpp"

namespace sqlgrey::setup {
namespace {

std::vector<store::Host> hosts_of(const std::vector<std::string>& entries, int default_port) {
    std::vector<store::Host> hosts;
    for (const std::string& entry : entries) {
        const config::DbHost host = config::read_db_host(entry);
        hosts.push_back({host.host, host.port ? host.port : default_port});
    }
    return hosts;
}

std::unique_ptr<log::Sink> sink_of(const config::Settings& settings, LogTo where) {
    if (where == LogTo::syslog) return log::syslog_sink(settings.log_ident);
    const bool stamped = where == LogTo::foreground && settings.log_format != base::LogFormat::json;
    return log::stderr_sink(stamped ? log::Stamps::yes : log::Stamps::no);
}

std::optional<greylist::Trust> trust_of(config::DnswlPass pass) {
    switch (pass) {
        case config::DnswlPass::none:
            return greylist::Trust::none;
        case config::DnswlPass::low:
            return greylist::Trust::low;
        case config::DnswlPass::medium:
            return greylist::Trust::medium;
        case config::DnswlPass::high:
            return greylist::Trust::high;
        case config::DnswlPass::off:
            break;
    }
    return {};
}

}  // namespace

store::Target target_of(const config::Settings& settings) {
    store::Target target;
    target.database = settings.db_type;
    target.name = settings.db_name;
    target.hosts = hosts_of(settings.db_hosts, settings.db_port);
    if (settings.db_cluster && settings.db_type != config::Database::sqlite)
        target.replicas = hosts_of(settings.read_hosts, settings.db_port);
    target.user = settings.db_user;
    target.password = settings.db_pass;
    target.options = settings.db_options;
    target.preparing = settings.db_prepare;
    target.synchronous = settings.sqlite_synchronous;
    target.max_connect_age = settings.max_connect_age;
    target.time_limit = settings.db_timeout;
    return target;
}

greylist::Policy policy_of(const config::Settings& settings) {
    return {.reconnect_delay = settings.reconnect_delay,
            .max_connect_age = settings.max_connect_age,
            .awl_age = settings.awl_age,
            .group_domain_level = settings.group_domain_level,
            .connect_src_throttle = settings.connect_src_throttle,
            .auto_whitelist_clients = settings.auto_whitelist_clients,
            .opt_method = settings.optmethod,
            .pool_unproven_retries = settings.pool_unproven_retries,
            .retry_count = settings.retry_count,
            .dnswl_pass = settings.enrich ? trust_of(settings.dnswl_pass) : std::nullopt,
            .dnsbl_threshold = settings.dnsbl_threshold,
            .dnsbl_delay = settings.enrich ? settings.dnsbl_delay : base::Seconds{},
            .spf_fail_delay = settings.enrich ? settings.spf_fail_delay : base::Seconds{},
            .spf_identity = settings.enrich && settings.spf_identity,
            .tarpit = settings.exim ? base::Seconds{} : settings.tarpit,
            .targrey = settings.targrey && settings.tarpit.count() > 0 && !settings.exim};
}

lists::LoadedDiscrimination discrimination_in(const config::Settings& settings) {
    lists::LoadedDiscrimination loaded = lists::read_discrimination(settings.conf_dir);
    if (loaded.rules.uses_p0f() && (!settings.enrich || settings.p0f_socket.empty()))
        loaded.problems.push_back(
            {false, settings.conf_dir +
                        "/discrimination.regexp: rules about p0f_os, p0f_link and p0f_distance match only "
                        "with enrich = on and p0f_socket, the socket of a p0f on this host"});
    return loaded;
}

bool uses_smart_patterns(const config::Settings& settings) {
    const bool tarpit_does =
        settings.tarpit.count() > 0 && settings.tarpit_when == config::TarpitWhen::dynamic;
    return settings.greymethod == config::GreyMethod::smart || tarpit_does;
}

net::IdentityRules identity_of(const config::Settings& settings, const log::Logger& logger) {
    net::IdentityRules identity;
    identity.method = settings.greymethod;
    identity.ipv4_prefix = static_cast<int>(settings.ipv4_prefix);
    identity.ipv6_prefix = static_cast<int>(settings.ipv6_prefix);
    if (!uses_smart_patterns(settings)) return identity;
    net::SmartPatternFiles files = net::read_smart_patterns(settings.conf_dir);
    log::write_problems(logger, files.problems);
    identity.patterns = std::move(files.patterns);
    return identity;
}

log::Logger logger_of(const config::Settings& settings, LogTo where) {
    // Standard error of a command is for the person who typed it.
    const bool read_by_programs = where != LogTo::standard_error;
    return {settings.levels, sink_of(settings, where),
            read_by_programs ? settings.log_format : base::LogFormat::classic};
}

void log_problems(const log::Logger& logger, const std::vector<config::SettingsProblem>& problems) {
    for (const config::SettingsProblem& problem : problems)
        logger.write(log::Category::conf, problem.is_error() ? log::error : log::warning,
                     config::shown(problem));
}

}  // namespace sqlgrey::setup
