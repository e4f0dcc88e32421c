#include "metrics.hpp"

#include "resolver.hpp"
#include "sqlgrey/metrics/exporter.hpp"
#include "sqlgrey/metrics/page.hpp"
#include "sqlgrey/server/listener.hpp"
#include "sqlgrey/store/administration.hpp"
#include "version.hpp"

namespace sqlgrey::app {
namespace {

metrics::State state_of(const config::Settings& settings, const service::SharedOutage& outage) {
    metrics::State state{program_version, outage.since == 0,
                         settings.on_db_failure == config::OnFailure::pass, base::SystemClock().now()};
    if (!settings.enrich) return state;
    state.dns_lists.emplace();
    for (const enrich::DnsList& list : dns_lists_of(settings))
        state.dns_lists->push_back(enrich::source_of(list));
    return state;
}

metrics::Health health_of(const metrics::Counters& counters, const metrics::State& state) {
    if (metrics::living_workers(counters) == 0) return {false, "no worker lives"};
    if (state.database_is_up) return {true, "ok"};
    if (state.serves_without_it) return {true, "database unavailable, mail passes (on_db_failure)"};
    return {false, "database unavailable, mail is deferred (on_db_failure)"};
}

// For each table. The cleaning waits meanwhile, also if the server is silent.
constexpr base::Milliseconds limit_for_statistics{5000};

}  // namespace

MetricsListeners open_metrics_listeners(const config::Settings& settings,
                                        std::vector<base::unique_fd> of_before) {
    const std::string& place = settings.metrics_listen;
    if (place.empty()) return std::make_shared<const std::vector<base::unique_fd>>();
    std::vector<std::string> inet;
    if (!place.starts_with('/')) inet.push_back(place);
    server::Listeners opened = server::open_listeners(
        {inet, inet.empty() ? place : "", settings.unix_mode, {}}, {}, std::move(of_before));
    return std::make_shared<const std::vector<base::unique_fd>>(std::move(opened.sockets));
}

int show_metrics(process::ChildContext& child, const Generation& generation,
                 const metrics::Counters& counters, const service::SharedOutage& outage,
                 const MetricsListeners& listeners) {
    const auto state = [&] { return state_of(generation.settings, outage); };
    const metrics::Pages pages{
        [&](metrics::Format format) { return metrics::page(counters, state(), format); },
        [&] { return health_of(counters, state()); }};
    const int ends[] = {child.stop, child.channel.get()};
    child.ready();
    metrics::show(*listeners, ends, pages);
    return 0;
}

lists::OnPublish counting_lists(const std::string& conf_dir, metrics::ListCounts& counts) {
    return [conf_dir, &counts](const lists::Lists& all) {
        for (const lists::ListName list : lists::all_list_names) {
            const auto i = static_cast<std::size_t>(list);
            counts.entries[i].set(static_cast<std::int64_t>(all.entries(list)));
            const auto changed = lists::newest_file(conf_dir, list);
            counts.changed_at[i].set(changed ? base::epoch(*changed) : 0);
        }
        counts.known.set(1);
    };
}

namespace {

std::optional<std::int64_t> rows_of(store::Administration& tables, std::string_view name) {
    const auto table = store::table_named(name);
    if (!table || !tables.has(*table)) return {};
    return tables.count(*table);
}

}  // namespace

RowCounter::RowCounter(const Generation& generation, metrics::Counters& counters)
    : settings_(generation.settings), target_(generation.target), counters_(counters) {
    target_.replicas.clear();
}

bool RowCounter::is_due() const {
    const bool for_page = !settings_.metrics_listen.empty() && std::chrono::steady_clock::now() >= due_;
    return for_page || (settings_.stats_interval.count() > 0 && day_ != counters_.daily.begun.value());
}

void RowCounter::count_if_due() {
    if (!is_due()) return;
    due_ = std::chrono::steady_clock::now() + settings_.db_cleandelay;
    day_ = counters_.daily.begun.value();
    try {
        const auto tables = store::open_administration(
            target_, store::AdministrationMode::look,
            settings_.metrics_listen.empty() ? limit_for_statistics : store::administration_limit);
        for (std::size_t i = 0; i < metrics::counted_tables.size(); ++i)
            if (const auto rows = rows_of(*tables, metrics::counted_tables[i]))
                counters_.rows.rows[i].set(*rows);
        counters_.rows.counted_at.set(base::epoch(base::SystemClock().now()));
    } catch (const greylist::StoreFailure&) {
        // The workers report the failure.
    }
}

}  // namespace sqlgrey::app
