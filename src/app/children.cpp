#include "children.hpp"

#include "mailer.hpp"
#include "sqlgrey/lists/live_lists.hpp"
#include "sqlgrey/maintenance/maintenance.hpp"
#include "sqlgrey/server/worker.hpp"
#include "sqlgrey/store/list_rows.hpp"
#include "sqlgrey/store/schema_report.hpp"
#include "startup.hpp"

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

// Whoever finds the tables missing or old makes them, and says so.
std::unique_ptr<store::SqlStore> open_telling(const store::Target& target, const log::Logger& logger) {
    return store::open_store(target, nullptr,
                             [&](const store::SchemaReport& report) { log_schema(logger, report); });
}

// From the order to finish. Requests in hand are answered within db_timeout whatever the database does;
// longer than 10 s nobody waits for them, because systemd and --kill do not wait for ever.
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

int serve_requests(process::ChildContext& child, const Generation& generation, SharedState& shared) {
    base::SystemClock clock;
    service::Outage outage(shared.outage, child.slot);
    const auto open = [target = target_for(generation, shared), &generation] {
        std::unique_ptr<store::SqlStore> store = open_telling(target, *generation.logger);
        std::vector<std::string> warnings = store->warnings();
        return service::OpenedStore{std::move(store), std::move(warnings)};
    };
    ::signal(SIGCHLD, SIG_IGN);  // nobody waits for sendmail
    ::signal(SIGPIPE, SIG_IGN);
    const config::Settings& settings = generation.settings;
    const service::Alert alert = mail_alert({settings.sendmail, settings.admin_mail},
                                            shared.outage.alert_tokens, clock, *generation.logger);
    std::unique_ptr<lists::Rows> rows =
        settings.lists_in_database ? store::list_rows(target_for(generation, shared)) : nullptr;
    // All workers read the same lists: what there is to say of them one says.
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

// Waits that long; false when it is time to stop or the master is gone.
bool pause(const process::ChildContext& child, base::Milliseconds time) {
    pollfd ends[] = {{child.stop, POLLIN, 0}, {child.channel.get(), POLLIN, 0}};
    return ::poll(ends, 2, static_cast<int>(time.count())) == 0;
}

std::unique_ptr<store::SqlStore> open_for_cleaning(const store::Target& target, const log::Logger& logger) {
    std::unique_ptr<store::SqlStore> store = open_telling(target, logger);
    for (const std::string& warning : store->warnings())
        logger.write(log::Category::dbaccess, log::error, warning);
    return store;
}

// Looks every few seconds whether cleaning is due. That the database is unavailable, or cannot be opened, the
// workers report; what it refuses of the cleaning shows here only.
int run_maintenance(process::ChildContext& child, const Generation& generation, SharedState& shared) {
    const config::Settings& settings = generation.settings;
    const log::Logger& logger = *generation.logger;
    const maintenance::Ages ages{settings.db_cleandelay, settings.awl_age, settings.max_connect_age};
    const auto wait = [&](base::Milliseconds time) { return pause(child, time); };
    const base::Milliseconds check_interval =
        std::min<base::Milliseconds>(base::Seconds{10}, settings.db_cleandelay);
    store::Target target = target_for(generation, shared);
    target.replicas.clear();  // nothing is read from them
    std::unique_ptr<store::SqlStore> store;
    std::string reported;
    child.ready();
    while (wait(store ? check_interval : base::Milliseconds{500})) {
        try {
            if (!store) store = open_for_cleaning(target, logger);
            maintenance::clean_if_due(*store, ages, logger, wait);
        } catch (const greylist::StoreFailure& error) {
            const bool refused = store && dynamic_cast<const greylist::StoreError*>(&error) != nullptr;
            const bool is_new = refused && std::exchange(reported, error.what()) != error.what();
            logger.write(
                log::Category::dbaccess, is_new ? log::error : log::verbose,
                std::string{is_new ? "error: cleaning failed: " : "cleaning waits: "} + error.what());
            store.reset();
            if (!wait(base::Seconds{1})) break;
        }
    }
    return 0;
}

}  // namespace

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
