#include "report_figures.hpp"

#include "json.hpp"
#include "sqlgrey/lists/list.hpp"
#include "sqlgrey/service/counters.hpp"
#include "sqlgrey/setup/parts.hpp"
#include "sqlgrey/store/reading.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace sqlgrey::ctl {
namespace {

using report::Figures;
using store::SortBy;
using store::TableName;

// The newest rows of each table that are read: of 10 million rows of connect, which is weeks of spam, they
// are what came last.
constexpr std::int64_t most_waiting = 50'000, most_members = 20'000, most_entries = 50'000,
                       most_pools = 10'000, most_facts = 50'000;
constexpr std::size_t shown_sources = 20, shown_pools = 12, shown_members = 3, shown_entries = 12,
                      shown_values = 8;

const std::string& text(const store::TableCell& cell) {
    return std::get<std::string>(cell);
}
std::optional<base::Time> time(const store::TableCell& cell) {
    const auto* found = std::get_if<base::Time>(&cell);
    return found ? std::optional{*found} : std::nullopt;
}

// The tables have no rows of buckets without mails.
void add_edges(std::vector<report::WaitCount>& waits, report::Date date) {
    for (const std::uint64_t up_to : service::Counters::Delay::upper_bounds)
        waits.push_back({date, {}, base::Seconds{up_to}, 0});
}

void add_daily(Figures& figures, const config::Settings& settings) {
    const auto reading = store::open_to_read(setup::target_of(settings));
    const store::Daily daily = reading->daily(base::iso_date(figures.first));
    std::vector<report::Count> counts;
    std::vector<report::WaitCount> waits;
    for (const store::DayCount& one : daily.counts)
        if (const auto day = read_rfc3339(one.day))
            counts.push_back({std::chrono::floor<std::chrono::days>(*day), one.host, one.name, one.count});
    std::set<report::Date> days;
    for (const store::DayDelay& one : daily.delays) {
        const auto day = read_rfc3339(one.day);
        if (!day) continue;
        const auto date = std::chrono::floor<std::chrono::days>(*day);
        waits.push_back({date, one.host, base::Seconds{one.up_to}, one.count});
        if (days.insert(date).second) add_edges(waits, date);
    }
    report::add_daily(figures, counts, waits);
}

// -- who waits -------------------------------------------------------------------------------

struct Counted {
    report::Source source;
    std::unordered_map<std::string, std::int64_t> domains;
    std::unordered_set<std::string> recipients;
};

// The first in the alphabet of those with the greatest number. Not of an empty map.
std::string most_frequent(const std::unordered_map<std::string, std::int64_t>& counts) {
    return std::ranges::min_element(counts, {},
                                    [](const auto& one) {
                                        return std::pair{-one.second, std::string_view{one.first}};
                                    })
        ->first;
}

void add_sources(Figures& figures, const Tables& tables) {
    std::unordered_map<std::string, Counted> by_src;
    std::int64_t read = 0;
    tables.rows->sorted(TableName::connect, {}, SortBy::time, most_waiting, [&](const store::TableRow& row) {
        ++read;
        const auto first_seen = time(row[4]);
        if (first_seen && *first_seen < figures.made - figures.max_connect_age) return;  // has expired
        ++figures.counted_rows;
        Counted& one = by_src[text(row[0])];
        ++one.source.waiting;
        one.source.oldest = first_seen;  // the newest first
        ++one.domains[text(row[1])];
        one.recipients.insert(text(row[3]));
    });
    figures.counted_all = read < most_waiting;
    for (auto& [src, one] : by_src) {
        one.source.src = src;
        one.source.sender_domains = static_cast<std::int64_t>(one.domains.size());
        one.source.recipients = static_cast<std::int64_t>(one.recipients.size());
        one.source.domain = most_frequent(one.domains);
        figures.sources.push_back(std::move(one.source));
    }
    const auto most_first = [](const report::Source& a, const report::Source& b) {
        return a.waiting != b.waiting ? a.waiting > b.waiting : a.src < b.src;
    };
    std::ranges::sort(figures.sources, most_first);
    figures.sources.resize(std::min(figures.sources.size(), shown_sources));
    if (tables.privacy || !tables.settings.lists_in_database) return;
    for (report::Source& source : figures.sources) source.allow = allow_entry(source.src);
}

// -- pools -----------------------------------------------------------------------------------

void add_members(std::vector<report::Pool>& pools, const Tables& tables) {
    std::unordered_map<std::string, report::Pool*> by_name;
    for (report::Pool& pool : pools) by_name[pool.name] = &pool;
    tables.rows->sorted(TableName::pool, {}, SortBy::time, most_members, [&](const store::TableRow& row) {
        const auto found = by_name.find(text(row[1]));
        if (found == by_name.end() || found->second->members.size() >= shown_members) return;
        found->second->members.push_back({text(row[0]), text(row[2])});
    });
}

// The rows of auto-whitelists that each pool had when it was last counted: a large sender has millions, and
// the cleaning counts them anyway.
std::unordered_map<std::string, std::int64_t> counted_rows(const Tables& tables) {
    std::unordered_map<std::string, std::int64_t> rows;
    tables.rows->sorted(
        TableName::organisation, {}, SortBy::client, most_pools,
        [&](const store::TableRow& row) { rows[text(row[0])] = std::get<std::int64_t>(row[2]); });
    return rows;
}

void add_pools(Figures& figures, const Tables& tables) {
    std::vector<store::PoolRow> rows = tables.rows->pools({}, SortBy::time, most_pools);
    figures.all_pools = static_cast<std::int64_t>(rows.size());
    std::ranges::stable_sort(rows, std::ranges::greater{}, &store::PoolRow::networks);
    rows.resize(std::min(rows.size(), shown_pools));
    const auto counted = counted_rows(tables);
    for (const store::PoolRow& row : rows) {
        const auto found = counted.find(row.pool);
        const std::int64_t came_back =
            found == counted.end() ? tables.rows->came_back(row.pool) : found->second;
        figures.pools.push_back({row.pool, row.networks, came_back, row.never_came_back, row.is_crowd});
    }
    if (!figures.pools.empty()) add_members(figures.pools, tables);
}

// -- lists -----------------------------------------------------------------------------------

report::ListEntry entry_of(const store::TableRow& row) {
    return {text(row[0]), text(row[1]), text(row[3]), std::get<std::int64_t>(row[7]),
            time(row[5]), time(row[8]), time(row[6])};
}

void add_entries(Figures& figures, const Tables& tables) {
    auto& hit = figures.hit_entries;
    auto& unused = figures.unused_entries;
    tables.rows->sorted(TableName::lists, {}, SortBy::time, most_entries, [&](const store::TableRow& row) {
        report::ListEntry entry = entry_of(row);
        ++figures.all_entries;
        if (entry.hits == 0) ++figures.all_unused;
        (entry.hits > 0 ? hit : unused).push_back(std::move(entry));
    });
    std::ranges::stable_sort(hit, std::ranges::greater{}, &report::ListEntry::hits);
    std::ranges::reverse(unused);
    hit.resize(std::min(hit.size(), shown_entries));
    unused.resize(std::min(unused.size(), shown_entries));
}

// -- facts -----------------------------------------------------------------------------------

// As the report counts it; empty: not at all.
std::string counted_value(const std::string& source, const std::string& client, const std::string& value) {
    if (source.starts_with("dnsbl ")) return value == "-" ? "not listed" : "listed";
    if (source.starts_with("dnswl ")) return value == "-" ? "not listed" : "trust " + value;
    if (source == "spf" && client.empty()) return {};  // how many networks the record covers
    return source == "spf" || source == "p0f_os" || source == "p0f_link" ? value : std::string{};
}

void add_facts(Figures& figures, const Tables& tables) {
    if (!tables.rows->has(TableName::fact)) return;
    std::map<std::pair<std::string, std::string>, std::int64_t> counts;
    std::int64_t read = 0;
    tables.rows->sorted(TableName::fact, {}, SortBy::time, most_facts, [&](const store::TableRow& row) {
        ++read;
        const auto expires = time(row[4]);
        const std::string value = counted_value(text(row[2]), text(row[0]), text(row[3]));
        if (!value.empty() && expires && *expires > figures.made) ++counts[{text(row[2]), value}];
    });
    figures.counted_all_facts = read < most_facts;
    for (const auto& [key, count] : counts) figures.facts.push_back({key.first, key.second, count});
    std::ranges::stable_sort(figures.facts, [](const report::FactCount& a, const report::FactCount& b) {
        return a.source != b.source ? a.source < b.source : a.count > b.count;
    });
    std::map<std::string, std::size_t> of_source;
    std::erase_if(figures.facts,
                  [&](const report::FactCount& one) { return ++of_source[one.source] > shown_values; });
}

}  // namespace

std::string allow_entry(const std::string& src) {
    // Not what is shortened with a '#' (net::pool_identity), and no expression.
    constexpr std::string_view in_names = "abcdefghijklmnopqrstuvwxyz0123456789.:/_-@";
    if (src.find_first_not_of(in_names) != std::string::npos) return {};
    const std::string name = src.starts_with('@') ? src.substr(1) : src;
    if (name.empty() || name.starts_with('/') || name.starts_with('-')) return {};  // '-': an option
    // The identity of an IPv6 network is its first four groups.
    const bool is_network = std::ranges::count(name, ':') == 3;
    for (const std::string& entry : {name, is_network ? name + "::/64" : name}) {
        lists::ListBuilder builder = lists::ListBuilder::of_rows(lists::ListName::whitelist_clients);
        builder.add(entry, 1);
        const auto built = std::move(builder).build();
        if (built.list->size() == 1 && built.problems.empty()) return entry;
    }
    return {};
}

report::Figures read_figures(const Tables& tables, int days) {
    Figures figures;
    figures.made = tables.rows->now();
    figures.database = store::described(setup::target_of(tables.settings));
    figures.last = base::local_date(figures.made);  // as daemons name their days
    figures.first = figures.last - std::chrono::days{days - 1};
    if (tables.settings.stats_interval.count() > 0) figures.stats_interval = tables.settings.stats_interval;
    figures.max_connect_age = setup::policy_of(tables.settings).max_connect_age;
    figures.has_hashes = tables.privacy.has_value();
    figures.can_allow = tables.settings.lists_in_database;
    add_daily(figures, tables.settings);
    add_sources(figures, tables);
    add_pools(figures, tables);
    add_facts(figures, tables);
    add_entries(figures, tables);
    return figures;
}

}  // namespace sqlgrey::ctl
