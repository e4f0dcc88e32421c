#include "generation.hpp"

#include "sqlgrey/config/dsn.hpp"
#include "version.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include <unistd.h>

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
        case config::GreyMethod::prefix:
            return net::GreyMethod::prefix;
        case config::GreyMethod::smart:
            break;
    }
    return net::GreyMethod::smart;
}

greylist::OptMethod opt_method(config::OptMethod method) {
    switch (method) {
        case config::OptMethod::optin:
            return greylist::OptMethod::optin;
        case config::OptMethod::optout:
            return greylist::OptMethod::optout;
        case config::OptMethod::none:
            break;
    }
    return greylist::OptMethod::none;
}

template <typename Problems>
void tell(const log::Logger& logger, const Problems& problems) {
    for (const auto& problem : problems)
        logger.write(log::Category::conf, problem.is_error ? log::error : log::warning,
                     (problem.is_error ? "error: " : "warning: ") + problem.text);
}

greylist::Policy policy_of(const Settings& settings) {
    return {settings.reconnect_delay,      settings.max_connect_age,      settings.awl_age,
            settings.group_domain_level,   settings.connect_src_throttle, settings.auto_whitelist_clients,
            opt_method(settings.optmethod)};
}

net::IdentityRules identity_of(const Settings& settings, const log::Logger& logger) {
    net::IdentityRules identity;
    identity.method = grey_method(settings.greymethod);
    identity.ipv4_prefix = static_cast<int>(settings.ipv4_prefix);
    identity.ipv6_prefix = static_cast<int>(settings.ipv6_prefix);
    if (identity.method == net::GreyMethod::smart) {
        net::SmartPatternFiles files = net::read_smart_patterns(settings.conf_dir);
        tell(logger, files.problems);
        identity.patterns = std::move(files.patterns);
    }
    return identity;
}

std::shared_ptr<const lists::Discrimination> discrimination_of(const Settings& settings,
                                                               const log::Logger& logger) {
    if (!settings.discrimination) return nullptr;
    lists::LoadedDiscrimination loaded = lists::read_discrimination(settings.conf_dir);
    tell(logger, loaded.problems);
    return std::make_shared<const lists::Discrimination>(std::move(loaded.rules));
}

std::string name_of_machine() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

void word_replies(service::Rules& rules, const Settings& settings) {
    rules.prepend = settings.prepend;
    if (!settings.x_greylist_header.empty()) rules.x_greylist_header = settings.x_greylist_header;
    rules.hostname = settings.hostname.empty() ? name_of_machine() : settings.hostname;
    rules.version = program_version;
    rules.first_attempt_action = action(settings.reject_first_attempt, settings);
    rules.early_reconnect_action = action(settings.reject_early_reconnect, settings);
    rules.greylist_text = settings.greylist_text;
    rules.discrimination_add_rulenr = settings.discrimination_add_rulenr;
    rules.blacklist_reply = settings.blacklist_reply;
    rules.pass_without_database = settings.on_db_failure == config::OnFailure::pass;
}

service::Rules rules_of(const Settings& settings, const log::Logger& logger) {
    service::Rules rules;
    rules.policy = policy_of(settings);
    rules.identity = identity_of(settings, logger);
    rules.discrimination = discrimination_of(settings, logger);
    rules.message_coherence = settings.message_coherence;
    rules.training = settings.training;
    if (!settings.privacy_key.empty()) rules.privacy = base::KeyedHash{settings.privacy_key};
    word_replies(rules, settings);
    rules.time_limit = settings.db_timeout;
    rules.log_queue_id = settings.log_queue_id;
    return rules;
}

store::Preparing preparing(config::Preparing preparing) {
    switch (preparing) {
        case config::Preparing::always:
            return store::Preparing::always;
        case config::Preparing::never:
            return store::Preparing::never;
        case config::Preparing::automatic:
            break;
    }
    return store::Preparing::automatic;
}

std::vector<store::Host> hosts_of(const std::vector<std::string>& entries, int default_port) {
    std::vector<store::Host> hosts;
    for (const std::string& entry : entries) {
        const config::DbHost host = config::read_db_host(entry);
        hosts.push_back({host.host, host.port ? host.port : default_port});
    }
    return hosts;
}

}  // namespace

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
    target.preparing = preparing(settings.db_prepare);
    target.synchronous = settings.sqlite_synchronous;
    target.max_connect_age = settings.max_connect_age;
    target.time_limit = settings.db_timeout;
    return target;
}

std::unique_ptr<log::Sink> sink_of(const Settings& settings, LogTo where) {
    if (where == LogTo::syslog) return log::syslog_sink(settings.log_ident);
    return log::stderr_sink(where == LogTo::foreground ? log::Stamps::yes : log::Stamps::no);
}

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
    auto logger = std::make_shared<const log::Logger>(settings.levels, sink_of(settings, where));
    service::Rules rules = rules_of(settings, *logger);
    lists::LoadedLists lists =
        lists::load_lists(settings.conf_dir, {settings.whitelist_clients, settings.whitelist_recipients},
                          {settings.whitelist_senders_verified});
    tell(*logger, lists.problems);
    return {settings, std::move(rules), std::move(lists.lists), target_of(settings), std::move(logger)};
}

int workers_of(const Settings& settings) {
    if (settings.workers > 0) return settings.workers;
    return std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace sqlgrey::app
