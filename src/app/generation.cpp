#include "generation.hpp"

#include "sqlgrey/config/dsn.hpp"
#include "version.hpp"

#include <algorithm>
#include <thread>

namespace sqlgrey::app {
namespace {

using config::Settings;

std::string action(config::Reject reject, const Settings& settings) {
    return reject == config::Reject::immed ? settings.reject_code : "defer_if_permit";
}

net::GreyMethod grey_method(config::GreyMethod method) {
    switch (method) {
        case config::GreyMethod::full:
            return net::GreyMethod::full;
        case config::GreyMethod::classc:
            return net::GreyMethod::classc;
        case config::GreyMethod::smart:
            break;
    }
    return net::GreyMethod::smart;
}

service::Rules rules_of(const Settings& settings, const log::Logger& logger) {
    service::Rules rules;
    rules.policy = {settings.reconnect_delay, settings.max_connect_age, settings.awl_age,
                    settings.group_domain_level, settings.connect_src_throttle};
    rules.greymethod = grey_method(settings.greymethod);
    if (rules.greymethod == net::GreyMethod::smart) {
        net::SmartPatternFiles files = net::read_smart_patterns(settings.conf_dir);
        for (const auto& problem : files.problems)
            logger.write(log::Category::conf, problem.is_error ? log::error : log::warning, problem.text);
        rules.patterns = std::move(files.patterns);
    }
    rules.prepend = settings.prepend;
    rules.first_attempt_action = action(settings.reject_first_attempt, settings);
    rules.early_reconnect_action = action(settings.reject_early_reconnect, settings);
    rules.pass_without_database = settings.on_db_failure == config::OnFailure::pass;
    rules.time_limit = settings.db_timeout;
    rules.version = program_version;
    return rules;
}

std::vector<store::Host> hosts_of(const std::vector<std::string>& entries, int default_port) {
    std::vector<store::Host> hosts;
    for (const std::string& entry : entries) {
        const config::DbHost host = config::read_db_host(entry);
        hosts.push_back({host.host, host.port ? host.port : default_port});
    }
    return hosts;
}

store::Target target_of(const Settings& settings) {
    store::Target target;
    target.database = database_of(settings.db_type);
    target.name = settings.db_name;
    target.hosts = hosts_of(settings.db_hosts, settings.db_port);
    if (settings.db_cluster && settings.db_type != config::DbType::sqlite)
        target.replicas = hosts_of(settings.read_hosts, settings.db_port);
    target.user = settings.db_user;
    target.password = settings.db_pass;
    target.options = settings.db_options;
    target.synchronous = settings.db_synchronous;
    target.max_connect_age = settings.max_connect_age;
    target.time_limit = settings.db_timeout;
    return target;
}

}  // namespace

store::Database database_of(config::DbType type) {
    switch (type) {
        case config::DbType::postgresql:
            return store::Database::postgresql;
        case config::DbType::mysql:
            return store::Database::mysql;
        case config::DbType::sqlite:
            break;
    }
    return store::Database::sqlite;
}

Generation make_generation(const Settings& settings, LogTo where) {
    auto sink = where == LogTo::syslog ? log::syslog_sink(settings.log_ident) : log::stderr_sink();
    auto logger = std::make_shared<const log::Logger>(settings.levels, std::move(sink));
    service::Rules rules = rules_of(settings, *logger);
    return {settings, std::move(rules), target_of(settings), std::move(logger)};
}

int workers_of(const Settings& settings) {
    if (settings.workers > 0) return settings.workers;
    return std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace sqlgrey::app
