#include "children.hpp"

#include "resolver.hpp"
#include "sqlgrey/lists/live_lists.hpp"
#include "sqlgrey/notify/mail_alert.hpp"
#include "sqlgrey/server/worker.hpp"
#include "sqlgrey/service/service.hpp"
#include "sqlgrey/setup/prepare_database.hpp"
#include "sqlgrey/store/cleaning.hpp"
#include "sqlgrey/store/list_rows.hpp"
#include "sqlgrey/store/sql_store.hpp"
#include "statistics.hpp"

#include <algorithm>
#include <utility>

#include <signal.h>
#include <unistd.h>

namespace sqlgrey::app {
namespace {

store::Target target_for(const Generation& generation, SharedState& shared) {
    store::Target target = generation.target;
    target.file_record = &shared.sqlite_file;
    target.is_doubted = [&lists = shared.counters.enrichment](std::string_view source) {
        return enrich::is_doubted(lists, source, base::SystemClock{}.now());
    };
    return target;
}

// How long a worker may take to finish. It answers every request within db_timeout, whatever the database
// does. At most 10 s, which is less than systemd and --kill wait.
base::Milliseconds drain_limit(const config::Settings& settings) {
    return std::clamp<base::Milliseconds>(settings.db_timeout + base::Seconds{1}, base::Seconds{5},
                                          base::Seconds{10});
}

// If the server fails, one of its threads may still use the service: exits without destroying it.
server::Ended serve_or_leave(process::ChildContext& child, server::WorkerCounters& counters,
                             policy::RequestHandler& handler, const server::WorkerOptions& options,
                             const log::Logger& logger) {
    try {
        return server::serve(
            {std::move(child.channel), child.stop, *child.open_connections, counters, child.ready}, handler,
            options, logger);
    } catch (const std::exception& error) {
        process::log_child_failure(error, logger);
        log::finish();
        ::_exit(1);
    }
}

int run_maintenance(process::ChildContext& child, const Generation& generation, SharedState& shared) {
    maintenance::Cleaner cleaner = cleaner_of(generation, shared);
    RowCounter rows(generation, shared.counters);
    Statistics statistics(generation, shared.counters, shared.outage);
    child.ready();
    cleaner.run([&](base::Milliseconds time) { return child.pause(time); },
                [&](bool database_is_good) {
                    if (database_is_good) rows.count_if_due();
                    statistics.check();
                });
    statistics.finish(child);
    return 0;
}

service::StoreLink::Open opener_of(const Generation& generation, SharedState& shared) {
    return [target = target_for(generation, shared), &logger = *generation.logger] {
        service::OpenedStore opened;
        store::OnOpen on_open = setup::logging_schema(logger);
        on_open.warning = [&opened](const std::string& line) { opened.warnings.push_back(line); };
        opened.store = store::open_store(target, nullptr, on_open);
        return opened;
    };
}

server::WorkerOptions options_of(const config::Settings& settings) {
    server::WorkerOptions options;
    options.time_limit = settings.db_timeout;
    options.drain_limit = drain_limit(settings);
    options.close_after_reply = settings.exim;
    options.milter_adds_header = settings.prepend;
    return options;
}

}  // namespace

int serve_requests(process::ChildContext& child, const Generation& generation, SharedState& shared,
                   service::TellOfStrangers tell) {
    base::SystemClock clock;
    service::Outage outage(shared.outage, child.slot);
    ::signal(SIGCHLD, SIG_IGN);  // nobody waits for sendmail
    ::signal(SIGPIPE, SIG_IGN);
    const config::Settings& settings = generation.settings;
    const notify::Alert alert = notify::mail_alert({settings.sendmail, settings.admin_mail},
                                                   shared.outage.alert_tokens, clock, *generation.logger);
    std::unique_ptr<lists::Rows> rows =
        settings.lists_in_database ? store::list_rows(target_for(generation, shared)) : nullptr;
    // Only worker 0 logs about lists and counts them; the others would repeat it.
    const log::Logger of_lists = generation.logger->without(log::Category::conf);
    lists::LiveLists live_lists(
        generation.lists, settings.conf_dir, std::move(rows), child.slot == 0 ? *generation.logger : of_lists,
        {}, child.slot == 0 ? counting_lists(settings.conf_dir, shared.counters.lists) : lists::OnPublish{});
    const service::ListSource lists{[&] { return live_lists.now(); },
                                    [&](std::int64_t row) { live_lists.hit(row); }};
    const std::size_t slot = std::min(child.slot, metrics::worker_slots - 1);
    service::Tarpit tarpit(shared.counters.tarpit, static_cast<std::size_t>(settings.tarpit_clients));
    service::Service service(generation.rules, opener_of(generation, shared), outage,
                             shared.counters.decisions[slot], clock, *generation.logger, alert, lists,
                             std::move(tell), &tarpit);
    const server::Ended ended = serve_or_leave(child, shared.counters.requests[slot], service,
                                               options_of(settings), *generation.logger);
    // A thread that still waits for the database uses the service, which must not be destroyed.
    if (ended == server::Ended::job_stuck) {
        log::finish();
        ::_exit(0);
    }
    return 0;
}

maintenance::Cleaner cleaner_of(const Generation& generation, SharedState& shared) {
    const auto open = [target = target_for(generation, shared), &logger = *generation.logger] {
        store::OnOpen on_open = setup::logging_schema(logger);
        on_open.warning = [&logger](const std::string& line) {
            logger.write(log::Category::dbaccess, log::error, line);
        };
        return store::open_cleaning(target, nullptr, on_open);
    };
    const config::Settings& settings = generation.settings;
    return {open,
            {settings.db_cleandelay, settings.awl_age, settings.max_connect_age, settings.pool_crowd},
            shared.counters.cleaning,
            *generation.logger};
}

namespace {

using StrangerSockets = std::shared_ptr<const enrich::StrangerSockets>;

// Empty without sockets.
service::TellOfStrangers teller_of(const StrangerSockets& sockets, SharedState& shared) {
    if (!sockets) return {};
    return [sockets, &dropped = shared.counters.enrichment.dropped_by_worker](
               std::span<const enrich::Stranger> strangers) {
        dropped.add(enrich::tell(sockets->workers.get(), strangers));
    };
}

process::Role resolver_of(const std::shared_ptr<const Generation>& generation, SharedState& shared,
                          StrangerSockets sockets) {
    process::Role resolver;
    resolver.name = "resolver";
    resolver.counters = shared.counters.resolver;
    resolver.run = [generation, &shared, sockets = std::move(sockets)](process::ChildContext& child) {
        return ask_about_strangers(child, *generation, target_for(*generation, shared),
                                   shared.counters.enrichment, sockets->resolver.get());
    };
    return resolver;
}

}  // namespace

process::Plan plan_of(const std::shared_ptr<const Generation>& generation, SharedState& shared,
                      const MetricsListeners& metrics_listeners) {
    StrangerSockets strangers;
    if (generation->settings.enrich)
        strangers = std::make_shared<const enrich::StrangerSockets>(enrich::make_stranger_sockets());
    process::Role worker;
    worker.name = "worker";
    worker.count = static_cast<std::size_t>(workers_of(generation->settings));
    worker.takes_connections = true;
    // For mail to the administrator: Postfix's sendmail starts postdrop, which is setgid.
    worker.may_gain_privileges = !generation->settings.admin_mail.empty();
    worker.counters = shared.counters.workers;
    worker.run = [generation, &shared, strangers](process::ChildContext& child) {
        return serve_requests(child, *generation, shared, teller_of(strangers, shared));
    };
    process::Role maintenance;
    maintenance.name = "maintenance";
    maintenance.counters = shared.counters.maintenance;
    maintenance.run = [generation, &shared](process::ChildContext& child) {
        return run_maintenance(child, *generation, shared);
    };
    service::forget_slots_from(shared.outage, worker.count);
    process::Plan plan{{std::move(worker), std::move(maintenance)},
                       generation->logger,
                       drain_limit(generation->settings) + base::Seconds{1}};
    if (strangers) plan.roles.push_back(resolver_of(generation, shared, strangers));
    if (metrics_listeners->empty()) return plan;
    process::Role metrics;
    metrics.name = "metrics";
    metrics.counters = shared.counters.metrics;
    metrics.run = [generation, &shared, metrics_listeners](process::ChildContext& child) {
        return show_metrics(child, *generation, shared.counters, shared.outage, metrics_listeners);
    };
    plan.roles.push_back(std::move(metrics));
    return plan;
}

}  // namespace sqlgrey::app
