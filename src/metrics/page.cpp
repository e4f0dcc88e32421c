#include "sqlgrey/metrics/page.hpp"

#include <algorithm>
#include <span>

namespace sqlgrey::metrics {
namespace {

constexpr std::uint64_t microseconds = 1'000'000;  // in a second
constexpr std::uint64_t milliseconds = 1'000;

std::int64_t shown(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

// The sum of one counter over all slots.
template <typename Slots>
std::int64_t total(const Slots& slots, auto counter_of) {
    std::uint64_t sum = 0;
    for (const auto& slot : slots) sum += counter_of(slot).value();
    return shown(sum);
}

template <typename Slots>
void histogram(Exposition& out, const Slots& slots, auto histogram_of, std::uint64_t unit,
               std::initializer_list<Label> labels = {}) {
    using Histogram = std::remove_cvref_t<decltype(histogram_of(slots[0]))>;
    std::array<std::uint64_t, Histogram::buckets> counts{};
    std::uint64_t sum = 0;
    for (const auto& slot : slots) {
        const Histogram& one = histogram_of(slot);
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += one.count(i);
        sum += one.sum();
    }
    out.buckets(Histogram::upper_bounds, counts, sum, unit, labels);
}

void write_daemon(Exposition& out, const Counters& all, const State& state) {
    out.gauge("sqlgrey_build_info", "The version that runs; always 1.");
    out.sample(1, {{"version", state.version}});
    out.gauge("sqlgrey_start_time_seconds", "When the daemon started, in seconds since 1970.");
    out.sample(all.daemon.started_at.value());
    out.gauge("sqlgrey_reload_success_timestamp_seconds",
              "When the settings in force were read, in seconds since 1970.");
    out.sample(all.daemon.reloaded_at.value());
    out.counter("sqlgrey_reloads", "Reloads (HUP), by whether the new settings could be used.");
    out.sample(shown(all.daemon.reloads.value()), {{"result", "success"}});
    out.sample(shown(all.daemon.refused_reloads.value()), {{"result", "failure"}});
}

void write_children(Exposition& out, const Counters& all) {
    out.gauge("sqlgrey_workers", "Workers that live; for a moment of a reload old and new ones.");
    out.sample(living_workers(all));
    out.counter("sqlgrey_child_deaths", "Children that ended though they were not told to.");
    const auto deaths = [](const process::SlotCounters& slot) -> auto& {
        return slot.deaths;
    };
    out.sample(total(all.workers, deaths), {{"child", "worker"}});
    out.sample(total(all.maintenance, deaths), {{"child", "maintenance"}});
    out.sample(total(all.metrics, deaths), {{"child", "metrics"}});
    out.sample(total(all.resolver, deaths), {{"child", "resolver"}});
    out.counter("sqlgrey_accepted_connections", "Connections that clients made.");
    out.sample(total(
        all.workers, [](const process::SlotCounters& slot) -> auto& { return slot.connections; }));
    out.counter("sqlgrey_milter_connections", "Connections that mail servers made to a socket of milter.");
    out.sample(total(
        all.requests, [](const server::WorkerCounters& slot) -> auto& { return slot.milter_connections; }));
    out.gauge("sqlgrey_connections", "Connections that are open.");
    const std::int64_t gone =
        total(
            all.requests, [](const server::WorkerCounters& slot) -> auto& { return slot.closed; }) +
        total(
            all.workers, [](const process::SlotCounters& slot) -> auto& { return slot.lost; });
    const std::int64_t passed = total(
        all.workers, [](const process::SlotCounters& slot) -> auto& { return slot.passed; });
    out.sample(std::max<std::int64_t>(passed - gone, 0));
}

void write_decisions(Exposition& out, const Counters& all) {
    out.counter("sqlgrey_decisions", "Decisions, by what was decided.");
    for (std::size_t i = 0; i < greylist::verdict_count; ++i)
        out.sample(
            total(
                all.decisions, [i](const service::Counters& slot) -> auto& { return slot.decisions[i]; }),
            {{"verdict", greylist::name(static_cast<greylist::Verdict>(i))}});
    out.histogram("sqlgrey_delay_seconds", "How long mail waited that passed as a retry.");
    histogram(
        out, all.decisions, [](const service::Counters& slot) -> auto& { return slot.delay; }, 1);
    out.counter("sqlgrey_never_retried", "First attempts that did not come back within max_connect_age.");
    out.sample(shown(all.cleaning.never_retried.value()));
    out.counter("sqlgrey_pool_joins",
                "Requests whose client counted as one of its organisation, by what showed that.");
    for (std::size_t i = 0; i < service::pool_evidence_names.size(); ++i)
        out.sample(
            total(
                all.decisions, [i](const service::Counters& slot) -> auto& { return slot.pool_joins[i]; }),
            {{"evidence", service::pool_evidence_names[i]}});
    out.counter("sqlgrey_list_hits",
                "Requests that an entry of a list decided, or forbade to auto-whitelist.");
    for (const lists::ListName list : lists::all_list_names)
        out.sample(total(
                       all.decisions,
                       [list](const service::Counters& slot) -> auto& {
                           return slot.list_hits[static_cast<std::size_t>(list)];
                       }),
                   {{"list", lists::text_of(list)}});
}

void write_tarpit(Exposition& out, const Counters& all, const State& state) {
    out.counter("sqlgrey_tarpit", "Clients that were to wait in the tarpit, by whether they found a place.");
    out.sample(total(
                   all.decisions, [](const service::Counters& slot) -> auto& { return slot.tarpit_slept; }),
               {{"result", "slept"}});
    out.sample(total(
                   all.decisions, [](const service::Counters& slot) -> auto& { return slot.tarpit_full; }),
               {{"result", "full"}});
    out.gauge("sqlgrey_tarpit_clients", "Clients that wait in the tarpit.");
    out.sample(static_cast<std::int64_t>(service::Tarpit::taken(all.tarpit, state.now)));
}

// Leaves out lists of which nothing is known yet, and the age of those without a file.
void write_lists(Exposition& out, const Counters& all, const State& state) {
    if (all.lists.known.value() == 0) return;
    out.gauge("sqlgrey_list_entries", "Entries of a list that are in effect, of files and of the database.");
    for (const lists::ListName list : lists::all_list_names)
        out.sample(all.lists.entries[static_cast<std::size_t>(list)].value(),
                   {{"list", lists::text_of(list)}});
    out.gauge("sqlgrey_list_age_seconds", "How long ago a file of the list was last changed.");
    for (const lists::ListName list : lists::all_list_names)
        if (const std::int64_t changed = all.lists.changed_at[static_cast<std::size_t>(list)].value())
            out.sample(std::max<std::int64_t>(base::epoch(state.now) - changed, 0),
                       {{"list", lists::text_of(list)}});
}

void write_requests(Exposition& out, const Counters& all) {
    out.histogram("sqlgrey_request_seconds", "From a request to its reply.");
    histogram(
        out, all.requests, [](const server::WorkerCounters& slot) -> auto& { return slot.request_time; },
        microseconds);
    out.counter("sqlgrey_held_requests", "First attempts that were held for what DNS says of their client.");
    out.sample(total(
        all.requests, [](const server::WorkerCounters& slot) -> auto& { return slot.held; }));
    out.histogram("sqlgrey_batch_size", "Requests that were answered together.");
    histogram(
        out, all.requests, [](const server::WorkerCounters& slot) -> auto& { return slot.batch_size; }, 1);
}

void write_database(Exposition& out, const Counters& all, const State& state) {
    const auto slots = std::span(all.decisions);
    out.gauge("sqlgrey_database_up", "1 if every worker has the database, 0 during an outage.");
    out.sample(state.database_is_up ? 1 : 0);
    out.histogram("sqlgrey_database_seconds", "How long the database took, by what it was asked for.");
    histogram(out, slots, [](const service::Counters& slot) -> auto& { return slot.look_up; }, microseconds,
              {{"visit", "lookup"}});
    histogram(out, slots, [](const service::Counters& slot) -> auto& { return slot.write; }, microseconds,
              {{"visit", "write"}});
    out.counter("sqlgrey_database_failures", "Visits to the database that failed, by why.");
    for (std::size_t i = 0; i < service::database_failure_names.size(); ++i)
        out.sample(
            total(
                slots, [i](const service::Counters& slot) -> auto& { return slot.database_failures[i]; }),
            {{"kind", service::database_failure_names[i]}});
    out.counter("sqlgrey_failure_policy", "Requests that on_db_failure answered, by what it says.");
    out.sample(total(
                   slots, [](const service::Counters& slot) -> auto& { return slot.passed_by_policy; }),
               {{"action", "pass"}});
    out.sample(total(
                   slots, [](const service::Counters& slot) -> auto& { return slot.deferred_by_policy; }),
               {{"action", "defer"}});
}

void write_answers_of_lists(Exposition& out, const enrich::Counters& all,
                            const std::vector<std::string>& lists) {
    out.counter("sqlgrey_dns_list_answers", "Answers of DNS lists, by what they say about the client.");
    for (const std::string& list : lists)
        for (std::size_t i = 0; i < enrich::list_results.size(); ++i) {
            const enrich::ListState* state = enrich::find_state(all, list);
            out.sample(state ? shown(state->answers[i].value()) : 0,
                       {{"list", list}, {"result", enrich::list_results[i]}});
        }
}

void write_lists_off(Exposition& out, const enrich::Counters& all, const State& state) {
    out.gauge("sqlgrey_dns_list_off",
              "1 while a DNS list is not asked, because it refused, or lists everybody.");
    for (const std::string& list : *state.dns_lists) {
        const enrich::ListState* found = enrich::find_state(all, list);
        out.sample(found && found->is_off(state.now) ? 1 : 0, {{"list", list}});
    }
}

// Nothing without enrich.
void write_enrichment(Exposition& out, const Counters& counters, const State& state) {
    if (!state.dns_lists) return;
    const enrich::Counters& all = counters.enrichment;
    if (!state.dns_lists->empty()) {
        write_answers_of_lists(out, all, *state.dns_lists);
        write_lists_off(out, all, state);
    }
    out.counter("sqlgrey_dns_questions", "Questions to DNS about unknown clients.");
    out.sample(shown(all.questions.value()));
    out.counter("sqlgrey_p0f_answers",
                "Answers of p0f about unknown clients, by whether it knew the client.");
    out.sample(shown(all.p0f_known.value()), {{"result", "known"}});
    out.sample(shown(all.p0f_unknown.value()), {{"result", "unknown"}});
    out.counter("sqlgrey_facts_stored", "Facts about unknown clients that were stored.");
    out.sample(shown(all.facts.value()));
    out.counter("sqlgrey_strangers_dropped", "Unknown clients that were not asked about, by why.");
    out.sample(shown(all.dropped_by_worker.value()), {{"reason", "not_read"}});
    out.sample(shown(all.dropped.value()), {{"reason", "queue_full"}});
    out.histogram("sqlgrey_facts_seconds", "From the reply to an unknown client to the facts about it.");
    histogram(
        out, std::span(&all, 1), [](const enrich::Counters& one) -> auto& { return one.stored; },
        milliseconds);
}

// Leaves out gauges that are not known yet.
void write_tables(Exposition& out, const Counters& all) {
    if (all.rows.counted_at.value() > 0) {
        out.gauge("sqlgrey_rows", "Rows of a table when they were counted last.");
        for (std::size_t i = 0; i < counted_tables.size(); ++i)
            out.sample(all.rows.rows[i].value(), {{"table", counted_tables[i]}});
    }
    out.counter("sqlgrey_expired_rows", "Rows that this daemon deleted because they had expired.");
    for (std::size_t i = 0; i < maintenance::cleaned_tables.size(); ++i)
        out.sample(shown(all.cleaning.expired[i].value()), {{"table", maintenance::cleaned_tables[i]}});
    if (all.cleaning.cleaned_at.value() == 0) return;
    out.gauge("sqlgrey_cleaning_timestamp_seconds",
              "When this daemon cleaned the database last, in seconds since 1970.");
    out.sample(all.cleaning.cleaned_at.value());
}

}  // namespace

std::string page(const Counters& counters, const State& state, Format format) {
    Exposition out(format);
    write_daemon(out, counters, state);
    write_children(out, counters);
    write_decisions(out, counters);
    write_tarpit(out, counters, state);
    write_lists(out, counters, state);
    write_requests(out, counters);
    write_database(out, counters, state);
    write_enrichment(out, counters, state);
    write_tables(out, counters);
    return std::move(out).text();
}

// Reads `ends` first, so that a child that ends meanwhile does not make the result too small.
std::int64_t living_workers(const Counters& counters) {
    const std::int64_t ends = total(
        counters.workers, [](const process::SlotCounters& slot) -> auto& { return slot.ends; });
    return total(
               counters.workers, [](const process::SlotCounters& slot) -> auto& { return slot.starts; }) -
           ends;
}

}  // namespace sqlgrey::metrics
