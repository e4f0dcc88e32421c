#include "sqlgrey/report/tables.hpp"

#include "sqlgrey/report/words.hpp"

#include <algorithm>

namespace sqlgrey::report {
namespace {

using Row = std::vector<Cell>;

Cell text_or_nothing(const std::string& text) {
    return text.empty() ? Cell{} : Cell{text};
}
Cell time_or_nothing(const std::optional<base::Time>& time) {
    return time ? Cell{*time} : Cell{};
}
Cell wait_cell(const std::optional<Wait>& wait) {
    return wait ? Cell{*wait} : Cell{};
}

// A row for each step with numbers, begun with its first day.
template <typename Fill>
void fill_steps(Table& table, const Figures& figures, const std::vector<TableColumn>& columns,
                const Fill& fill) {
    const std::vector<Step> steps = steps_of(figures);
    const bool by_weeks =
        std::ranges::any_of(steps, [](const Step& step) { return step.first != step.last; });
    table.columns = {by_weeks ? TableColumn{"from", "from"} : TableColumn{"day", "day"}};
    table.columns.insert(table.columns.end(), columns.begin(), columns.end());
    for (const Step& step : steps) {
        if (!step.has_figures) continue;
        Row row{step.first};
        fill(row, step.figures);
        table.rows.push_back(std::move(row));
    }
    if (table.rows.empty()) table.note = "There are no daily statistics of this period.";
}

std::string limited(std::size_t shown, std::int64_t all, const char* what) {
    if (static_cast<std::int64_t>(shown) >= all) return {};
    return " The first " + grouped(static_cast<std::int64_t>(shown)) + " of " + counted(all, what) + ".";
}

}  // namespace

Table requests_table(const Figures& figures) {
    Table table{"requests", "Requests by outcome", "One for each recipient and attempt.", {}, {}};
    fill_steps(table, figures,
               {{"known", "known"},
                {"exempt", "exempt"},
                {"waited", "after waiting"},
                {"first_attempt", "first attempt"},
                {"deferred_again", "deferred again"},
                {"refused", "refused"},
                {"without_database", "without database"}},
               [](Row& row, const DayFigures& day) {
                   for (const std::int64_t count : day.requests) row.emplace_back(count);
               });
    return table;
}

Table strangers_table(const Figures& figures) {
    Table table{"strangers",
                "Strangers that came back, or never did",
                "A first attempt is counted on the day when its fate is known: it was retried in time and "
                "passed, or it expired after max_connect_age.",
                {},
                {}};
    fill_steps(table, figures,
               {{"came_back", "came back"}, {"never_retried", "never came back"}, {"share_percent", "share"}},
               [](Row& row, const DayFigures& day) {
                   row.emplace_back(day.came_back);
                   row.emplace_back(day.never_retried);
                   row.emplace_back(Percent{day.never_retried, day.strangers()});
               });
    return table;
}

Table waits_table(const Figures& figures) {
    Table table{"waits",
                "Waits of mail that passed after a retry",
                "Half of the mails waited no longer than p50, 99 of 100 no longer than p99.",
                {},
                {}};
    fill_steps(table, figures,
               {{"p50_seconds", "p50"}, {"p90_seconds", "p90"}, {"p99_seconds", "p99"}, {"mails", "mails"}},
               [](Row& row, const DayFigures& day) {
                   std::int64_t mails = 0;
                   for (const WaitBucket& bucket : day.waits) mails += bucket.mails;
                   for (const double share : {0.5, 0.9, 0.99})
                       row.push_back(wait_cell(percentile(day.waits, share)));
                   row.emplace_back(mails);
               });
    return table;
}

Table buckets_table(const Figures& figures) {
    Table table{"wait_buckets",
                "How long mail waited",
                "Mails that passed after a retry, by the most that they waited.",
                {{"more_than_seconds", "more than"},
                 {"up_to_seconds", "up to"},
                 {"mails", "mails"},
                 {"share_percent", "share"}},
                {}};
    const std::vector<WaitRange> ranges = wait_ranges(total_of(figures).waits);
    std::int64_t all = 0;
    for (const WaitRange& range : ranges) all += range.mails;
    for (const WaitRange& range : ranges)
        table.rows.push_back({Wait{range.more_than},
                              range.up_to.count() == 0 ? Cell{} : Cell{Wait{range.up_to}}, range.mails,
                              Percent{range.mails, all}});
    if (table.rows.empty()) table.note = "No mail passed after a retry.";
    return table;
}

Table growth_table(const Figures& figures) {
    Table table{"rows",
                "Rows of the tables",
                "The greatest number of a day; where days are taken together, of the last one.",
                {},
                {}};
    std::vector<TableColumn> columns;
    columns.reserve(counted_tables.size());
    for (const std::string_view name : counted_tables)
        columns.push_back({std::string{name}, std::string{name}});
    fill_steps(table, figures, columns, [](Row& row, const DayFigures& day) {
        for (const auto& rows : day.rows) row.push_back(rows ? Cell{*rows} : Cell{});
    });
    return table;
}

Table outages_table(const Figures& figures) {
    constexpr std::size_t most_days = 20;
    Table table{"outages",
                "Days with answers without the database",
                {},
                {{"day", "day"},
                 {"passed", "passed"},
                 {"deferred", "deferred"},
                 {"share_percent", "share of requests"}},
                {}};
    std::int64_t all = 0;
    for (auto day = figures.days.rbegin(); day != figures.days.rend(); ++day) {
        const DayFigures& one = day->figures;
        const std::int64_t requests = one.passed_without_database + one.deferred_without_database;
        if (requests == 0 || ++all > static_cast<std::int64_t>(most_days)) continue;
        table.rows.push_back({day->date, one.passed_without_database, one.deferred_without_database,
                              Percent{requests, one.all_requests()}});
    }
    table.note = all == 0
                     ? "Every request was answered with the database."
                     : "The newest first; on_db_failure decided." + limited(table.rows.size(), all, "day");
    return table;
}

Table hosts_table(const Figures& figures) {
    Table table{"hosts",
                "Hosts",
                "Requests, and the share of them that was deferred.",
                {{"host", "host"},
                 {"requests", "requests"},
                 {"deferred", "deferred"},
                 {"without_database", "without database"}},
                {}};
    for (const HostFigures& host : figures.hosts)
        table.rows.push_back({host.name, host.requests, host.deferred, host.without_database});
    if (figures.further_hosts > 0)
        table.note +=
            " And " + counted(static_cast<std::int64_t>(figures.further_hosts), "further host") + ".";
    if (table.rows.empty())
        table.note =
            figures.days.empty() ? "There are no daily statistics of this period." : "No host was asked.";
    return table;
}

std::string allow_command(const Figures& figures, const Source& source) {
    return source.allow.empty() ? "" : figures.ctl + " allow --client " + shell_word(source.allow);
}

Table sources_table(const Figures& figures) {
    Table table{"sources",
                "Who waits now",
                {},
                {{"client_address", "source"},
                 {"waiting", "waiting"},
                 {"sender_domains", "sender domains"},
                 {"recipients", "recipients"},
                 {"sender_domain", "most often from"},
                 {"oldest", "waits since"},
                 {"command", "let it pass"}},
                {}};
    for (const Source& source : figures.sources)
        table.rows.push_back({source.src, source.waiting, source.sender_domains, source.recipients,
                              text_or_nothing(source.domain), time_or_nothing(source.oldest),
                              text_or_nothing(allow_command(figures, source))});
    table.note =
        table.rows.empty() ? "Nothing waits."
        : figures.counted_all
            ? "All " + counted(figures.counted_rows, "waiting triplet") + " are counted."
            : "Only the newest " + counted(figures.counted_rows, "waiting triplet") + " are counted.";
    return table;
}

Table pools_table(const Figures& figures) {
    Table table{"pools",
                "Pools",
                {},
                {{"pool", "pool"},
                 {"networks", "networks"},
                 {"came_back", "came back"},
                 {"never_came_back", "never came back"},
                 {"crowd", "crowd"},
                 {"members", "seen in"}},
                {}};
    for (const Pool& pool : figures.pools) {
        std::string members;
        for (const PoolMember& member : pool.members)
            members += (members.empty() ? "" : ", ") + member.network +
                       (member.evidence.empty() ? "" : " (" + member.evidence + ")");
        table.rows.push_back({pool.name, pool.networks, pool.came_back, pool.never_came_back, pool.is_crowd,
                              text_or_nothing(members)});
    }
    table.note = table.rows.empty() ? "No pool is known."
                                    : "Those seen in most networks, and their counts at the last cleaning." +
                                          limited(table.rows.size(), figures.all_pools, "pool");
    return table;
}

Table facts_table(const Figures& figures) {
    Table table{"facts",
                "What is known of unknown clients",
                {},
                {{"source", "source"}, {"value", "value"}, {"count", "how many"}},
                {}};
    for (const FactCount& fact : figures.facts) table.rows.push_back({fact.source, fact.value, fact.count});
    table.note = table.rows.empty()          ? "Nothing is known; with enrich = on DNS is asked about them."
                 : figures.counted_all_facts ? "Of DNS lists, SPF and p0f, while it counts."
                                             : "Of DNS lists, SPF and p0f; only the newest are counted.";
    return table;
}

Table hit_entries_table(const Figures& figures) {
    Table table{"list_hits",
                "List entries with the most hits",
                {},
                {{"list", "list"},
                 {"entry", "entry"},
                 {"hits", "hits"},
                 {"last_hit", "last hit"},
                 {"expires_at", "expires"},
                 {"reason", "reason"}},
                {}};
    for (const ListEntry& one : figures.hit_entries)
        table.rows.push_back({one.list, one.entry, one.hits, time_or_nothing(one.last_hit),
                              time_or_nothing(one.expires), text_or_nothing(one.reason)});
    const std::int64_t hit = figures.all_entries - figures.all_unused;
    table.note = table.rows.empty()
                     ? "No entry of the table lists has decided anything; files are not counted."
                     : "Entries of the table lists; files are not counted." +
                           limited(table.rows.size(), hit, "used row");
    return table;
}

Table unused_entries_table(const Figures& figures) {
    Table table{"unused_entries",
                "List entries never hit",
                {},
                {{"list", "list"}, {"entry", "entry"}, {"added_at", "added"}, {"reason", "reason"}},
                {}};
    for (const ListEntry& one : figures.unused_entries)
        table.rows.push_back({one.list, one.entry, time_or_nothing(one.added), text_or_nothing(one.reason)});
    table.note = table.rows.empty()
                     ? "Every entry of the table lists has been used, or there is none."
                     : "The oldest first." + limited(table.rows.size(), figures.all_unused, "unused row");
    return table;
}

Table summary_table(const Figures& figures) {
    const DayFigures total = total_of(figures);
    Table table{"report",
                "Report",
                {},
                {{"last_day", "last day"},
                 {"first_day", "first day"},
                 {"sentence", "sentence"},
                 {"requests", "requests"},
                 {"first_attempts", "first attempts"},
                 {"came_back", "came back"},
                 {"never_retried", "never came back"},
                 {"p50_seconds", "p50"},
                 {"p90_seconds", "p90"},
                 {"p99_seconds", "p99"},
                 {"without_database", "without database"}},
                {}};
    table.rows.push_back({figures.last, figures.first, sentence(figures), total.all_requests(),
                          total.of(Group::first), total.came_back, total.never_retried,
                          wait_cell(percentile(total.waits, 0.5)), wait_cell(percentile(total.waits, 0.9)),
                          wait_cell(percentile(total.waits, 0.99)), total.of(Group::without_database)});
    return table;
}

std::vector<Table> tables_of(const Figures& figures) {
    return {requests_table(figures), strangers_table(figures),   waits_table(figures),
            buckets_table(figures),  growth_table(figures),      outages_table(figures),
            hosts_table(figures),    sources_table(figures),     pools_table(figures),
            facts_table(figures),    hit_entries_table(figures), unused_entries_table(figures)};
}

}  // namespace sqlgrey::report
