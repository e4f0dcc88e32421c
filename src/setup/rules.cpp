#include "sqlgrey/setup/rules.hpp"

#include "sqlgrey/log/problems.hpp"
#include "sqlgrey/setup/parts.hpp"
#include "version.hpp"

#include <array>

#include <unistd.h>

namespace sqlgrey::setup {
namespace {

using config::Settings;

policy::Reply reply_of(config::Reject reject, const Settings& settings) {
    if (reject == config::Reject::immed) return policy::reply_of(settings.reject_code);
    return {policy::Action::defer};
}

// Also read while pools are off, for existing rows of pools; a missing file is then not a problem.
std::shared_ptr<const net::PoolFinder> pools_of(const Settings& settings, const log::Logger& logger) {
    net::PoolFiles files = net::read_pool_rules(settings.conf_dir, settings.public_suffix_list);
    if (settings.pools) log::write_problems(logger, files.problems);
    return std::make_shared<const net::PoolFinder>(std::move(files.rules));
}

std::shared_ptr<const lists::Discrimination> discrimination_of(const Settings& settings,
                                                               const log::Logger& logger) {
    if (!settings.discrimination) return nullptr;
    lists::LoadedDiscrimination loaded = discrimination_in(settings);
    log::write_problems(logger, loaded.problems);
    return std::make_shared<const lists::Discrimination>(std::move(loaded.rules));
}

service::TarpitWhen when_of(config::TarpitWhen when) {
    switch (when) {
        case config::TarpitWhen::dynamic:
            break;
        case config::TarpitWhen::suspicious:
            return service::TarpitWhen::suspicious;
        case config::TarpitWhen::all:
            return service::TarpitWhen::all;
    }
    return service::TarpitWhen::dynamic;
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
    rules.first_attempt_reply = reply_of(settings.reject_first_attempt, settings);
    rules.early_reconnect_reply = reply_of(settings.reject_early_reconnect, settings);
    rules.greylist_text = settings.greylist_text;
    rules.discrimination_add_rulenr = settings.discrimination_add_rulenr;
    rules.reply_id = settings.reply_id;
    rules.blacklist_reply = policy::reply_of(settings.blacklist_reply);
    rules.pass_without_database = settings.on_db_failure == config::OnFailure::pass;
}

}  // namespace

service::Rules rules_of(const Settings& settings, const log::Logger& logger) {
    service::Rules rules;
    rules.policy = policy_of(settings);
    rules.identity = identity_of(settings, logger);
    rules.pools = pools_of(settings, logger);
    rules.pools_on = settings.pools;
    rules.discrimination = discrimination_of(settings, logger);
    rules.message_coherence = settings.message_coherence;
    rules.training = settings.training;
    rules.enrich = settings.enrich;
    rules.tarpit_when = when_of(settings.tarpit_when);
    if (settings.enrich) rules.first_contact_wait = settings.first_contact_wait;
    if (!settings.privacy_key.empty()) rules.privacy = base::KeyedHash{settings.privacy_key};
    word_replies(rules, settings);
    rules.time_limit = settings.db_timeout;
    rules.log_queue_id = settings.log_queue_id;
    return rules;
}

std::shared_ptr<const lists::Lists> lists_of(const Settings& settings, const log::Logger& logger) {
    lists::LoadedLists loaded =
        lists::load_lists(settings.conf_dir, {settings.whitelist_clients, settings.whitelist_recipients},
                          {settings.whitelist_senders_verified});
    log::write_problems(logger, loaded.problems);
    return std::move(loaded.lists);
}

}  // namespace sqlgrey::setup
