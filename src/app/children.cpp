#include "children.hpp"

#include "sqlgrey/lists/live_lists.hpp"
#include "sqlgrey/notify/mail_alert.hpp"
#include "sqlgrey/server/worker.hpp"
#include "sqlgrey/service/service.hpp"
#include "sqlgrey/setup/prepare_database.hpp"
#include "sqlgrey/store/list_rows.hpp"
#include "sqlgrey/store/schema_report.hpp"

#include <algorithm>
#include <utility>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace sqlgrey::app {
namespace {

store::Target target_for(const Generation& generation, SharedState& shared) {
    store::Target target = generation.target;
    target.file_record = &shared.sqlite_file;
    return target;
}

// The process that finds the tables missing or old makes them, and logs that.
std::unique_ptr<store::SqlStore> open_store(const store::Target& target, const log::Logger& logger) {
    return store::open_store(target, nullptr,
                             [&](const store::SchemaReport& report) { setup::log_schema(logger, report); });
}

// From the order to finish. Requests in hand are answered within db_timeout whatever the database does;
// at most 10 s, because systemd and --kill do not wait longer.
base::Milliseconds drain_limit(const config::Settings& settings) {
    return std::clamp<base::Milliseconds>(settings.db_timeout + base::Seconds{1}, base::Seconds{5},
                                          base::Seconds{10});
}

// Where the server fails one of its threads may still be in the service, which must not be destroyed under
// it.
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

// Waits that long; gives false when it is time to stop or the master is gone.
bool pause(const process::ChildContext& child, base::Milliseconds time) {
    pollfd ends[] = {{child.stop, POLLIN, 0}, {child.channel.get(), POLLIN, 0}};
    return ::poll(ends, 2, static_cast<int>(time.count())) == 0;
}

int run_maintenance(process::ChildContext& child, const Generation& generation, SharedState& shared) {
    maintenance::Cleaner cleaner(cleaning_of(generation, shared), ages_of(generation.settings),
                                 *generation.logger);
    child.ready();
    cleaner.run([&](base::Milliseconds time) { return pause(child, time); });
    return 0;
}

}  // namespace

int serve_requests(process::ChildContext& child, const Generation& generation, SharedState& shared) {
    base::SystemClock clock;
    service::Outage outage(shared.outage, child.slot);
    const auto open = [target = target_for(generation, shared), &generation] {
        std::unique_ptr<store::SqlStore> store = open_store(target, *generation.logger);
        std::vector<std::string> warnings = store->warnings();
        return service::OpenedStore{std::move(store), std::move(warnings)};
    };
    ::signal(SIGCHLD, SIG_IGN);  // nobody waits for sendmail
    ::signal(SIGPIPE, SIG_IGN);
    const config::Settings& settings = generation.settings;
    const notify::Alert alert = notify::mail_alert({settings.sendmail, settings.admin_mail},
                                                   shared.outage.alert_tokens, clock, *generation.logger);
    std::unique_ptr<lists::Rows> rows =
        settings.lists_in_database ? store::list_rows(target_for(generation, shared)) : nullptr;
    // Only worker 0 logs about lists; the others would repeat it.
    const log::Logger of_lists = generation.logger->without(log::Category::conf);
    lists::LiveLists live_lists(generation.lists, settings.conf_dir, std::move(rows),
                                child.slot == 0 ? *generation.logger : of_lists);
    const service::ListSource lists{[&] { return live_lists.now(); },
                                    [&](long long row) { live_lists.hit(row); }};
    service::Service service(generation.rules, open, outage, clock, *generation.logger, alert, lists);
    server::WorkerOptions options;
    options.time_limit = settings.db_timeout;
    options.drain_limit = drain_limit(settings);
    options.close_after_reply = settings.exim;
    auto& counters = shared.requests[std::min(child.slot, worker_slots - 1)];
    const server::Ended ended = serve_or_leave(child, counters, service, options, *generation.logger);
    // A thread that still waits for the database uses the service: nothing may be destroyed under it.
    if (ended == server::Ended::job_stuck) {
        log::finish();
        ::_exit(0);
    }
    return 0;
}

maintenance::Open cleaning_of(const Generation& generation, SharedState& shared) {
    return [target = target_for(generation, shared), logger = generation.logger]() mutable {
        target.replicas.clear();
        std::unique_ptr<store::SqlStore> store = open_store(target, *logger);
        for (const std::string& warning : store->warnings())
            logger->write(log::Category::dbaccess, log::error, warning);
        return store;
    };
}

maintenance::Ages ages_of(const config::Settings& settings) {
    return {settings.db_cleandelay, settings.awl_age, settings.max_connect_age};
}

process::Plan plan_of(std::shared_ptr<const Generation> generation, SharedState& shared) {
    process::Role worker;
    worker.name = "worker";
    worker.count = static_cast<std::size_t>(workers_of(generation->settings));
    worker.takes_connections = true;
    worker.counters = shared.workers;
    worker.run = [generation, &shared](process::ChildContext& child) {
        return serve_requests(child, *generation, shared);
    };
    process::Role maintenance;
    maintenance.name = "maintenance";
    maintenance.counters = shared.maintenance;
    maintenance.run = [generation, &shared](process::ChildContext& child) {
        return run_maintenance(child, *generation, shared);
    };
    service::forget_slots_from(shared.outage, worker.count);
    return {{std::move(worker), std::move(maintenance)},
            drain_limit(generation->settings) + base::Seconds{1}};
}

}  // namespace sqlgrey::app
