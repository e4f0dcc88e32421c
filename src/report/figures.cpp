#include "sqlgrey/report/figures.hpp"

#include "sqlgrey/greylist/daily.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace sqlgrey::report {
namespace {

constexpr std::string_view rows_prefix = greylist::daily_names::rows;

// The number of rows of each table is the same whichever host counts it: the greatest is the newest that
// matters.
void take_rows(DayFigures& figures, std::string_view table, std::int64_t rows) {
    const auto found = std::ranges::find(counted_tables, table);
    if (found == counted_tables.end()) return;
    auto& known = figures.rows[static_cast<std::size_t>(found - counted_tables.begin())];
    known = std::max(known.value_or(0), rows);
}

void take(DayFigures& figures, std::string_view name, std::int64_t count) {
    if (const auto group = group_of(name)) figures.requests[static_cast<std::size_t>(*group)] += count;
    if (name == "reconnect_ok") figures.came_back += count;
    if (name == greylist::daily_names::never_retried) figures.never_retried += count;
    if (name == greylist::daily_names::passed_by_policy) figures.passed_without_database += count;
    if (name == greylist::daily_names::deferred_by_policy) figures.deferred_without_database += count;
    if (name.starts_with(rows_prefix)) take_rows(figures, name.substr(rows_prefix.size()), count);
}

void take(HostFigures& host, Group group, std::int64_t count) {
    host.requests += count;
    if (group == Group::first || group == Group::again) host.deferred += count;
    if (group == Group::without_database) host.without_database += count;
}

void add_bucket(Waits& waits, const WaitBucket& bucket) {
    // The bucket beyond the last has 0, and comes after all others.
    const auto order = [](base::Seconds up_to) { return up_to.count() == 0 ? base::Seconds::max() : up_to; };
    const auto at = std::ranges::lower_bound(waits, order(bucket.up_to), {},
                                             [&](const WaitBucket& one) { return order(one.up_to); });
    if (at != waits.end() && at->up_to == bucket.up_to)
        at->mails += bucket.mails;
    else
        waits.insert(at, bucket);
}

// What a row can say that a daemon has written while its clock was right. Anything else would be drawn as a
// century, or not add up. A time zone may be a day ahead of ours.
bool is_possible(const Figures& figures, Date date, std::int64_t count) {
    constexpr std::int64_t most = 1'000'000'000'000;  // even a million of them can be added up
    return date >= figures.first && date <= figures.last + std::chrono::days{1} && count >= 0 &&
           count <= most;
}
bool is_possible(base::Seconds up_to) {
    return up_to >= base::Seconds{0} && up_to <= std::chrono::days{3660};
}

}  // namespace

std::optional<Group> group_of(std::string_view verdict) {
    static const std::map<std::string_view, Group> groups{{"domain_awl", Group::known},
                                                          {"from_awl", Group::known},
                                                          {"client_awl", Group::known},
                                                          {"whitelisted", Group::exempt},
                                                          {"opted_out", Group::exempt},
                                                          {"unsuspicious", Group::exempt},
                                                          {"expected", Group::exempt},
                                                          {"dnswl", Group::exempt},
                                                          {"reconnect_ok", Group::waited},
                                                          {"message_accepted", Group::waited},
                                                          {"first_attempt", Group::first},
                                                          {"early_reconnect", Group::again},
                                                          {"throttled", Group::again},
                                                          {"blacklisted", Group::refused},
                                                          {"store_unavailable", Group::without_database},
                                                          {"rows_locked", Group::without_database}};
    const auto found = groups.find(verdict);
    if (found == groups.end()) return {};
    return found->second;
}

std::string_view title_of(Group group) {
    switch (group) {
        case Group::known:
            return "passed: known";
        case Group::exempt:
            return "passed: exempt";
        case Group::waited:
            return "passed: after waiting";
        case Group::first:
            return "deferred: first attempt";
        case Group::again:
            return "deferred: again";
        case Group::refused:
            return "refused";
        case Group::without_database:
            break;
    }
    return "without database";
}

std::string_view short_title_of(Group group) {
    constexpr std::array<std::string_view, group_count> titles{
        "known", "exempt", "waited", "first attempt", "again", "refused", "without database"};
    return titles[static_cast<std::size_t>(group)];
}

std::int64_t DayFigures::all_requests() const {
    return std::accumulate(requests.begin(), requests.end(), std::int64_t{0});
}

void DayFigures::add(const DayFigures& later) {
    for (std::size_t i = 0; i < group_count; ++i) requests[i] += later.requests[i];
    came_back += later.came_back;
    never_retried += later.never_retried;
    passed_without_database += later.passed_without_database;
    deferred_without_database += later.deferred_without_database;
    for (const WaitBucket& bucket : later.waits) add_bucket(waits, bucket);
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (later.rows[i]) rows[i] = later.rows[i];
}

DayFigures total_of(const Figures& figures) {
    DayFigures total;
    for (const Day& day : figures.days) total.add(day.figures);
    return total;
}

std::vector<Step> steps_of(const Figures& figures) {
    if (figures.days.empty()) return {};
    const Date first = figures.days.front().date;
    const Date last = std::max(figures.last, figures.days.back().date);
    const int length = static_cast<int>((last - first).count()) + 1;
    const int days = length <= most_days_by_day ? 1 : length <= most_days_by_week ? 7 : 14;
    std::vector<Step> steps;
    for (Date end = last; end >= first; end -= std::chrono::days{days})
        steps.push_back({std::max(first, end - std::chrono::days{days - 1}), end, false, {}});
    std::ranges::reverse(steps);
    auto step = steps.begin();
    for (const Day& day : figures.days) {
        while (day.date > step->last) ++step;
        step->has_figures = true;
        step->figures.add(day.figures);
    }
    return steps;
}

void add_daily(Figures& figures, const std::vector<Count>& counts, const std::vector<WaitCount>& waits) {
    std::map<Date, DayFigures> days;
    std::map<std::string, HostFigures> hosts;
    for (const Count& one : counts) {
        if (!is_possible(figures, one.date, one.count)) continue;
        take(days[one.date], one.name, one.count);
        if (const auto group = group_of(one.name)) take(hosts[one.host], *group, one.count);
    }
    for (const WaitCount& one : waits)
        if (is_possible(figures, one.date, one.mails) && is_possible(one.up_to))
            add_bucket(days[one.date].waits, {one.up_to, one.mails});
    for (auto& [date, day] : days) figures.days.push_back({date, std::move(day)});
    for (auto& [name, host] : hosts) {
        host.name = name;
        figures.hosts.push_back(std::move(host));
    }
    std::ranges::stable_sort(figures.hosts, std::ranges::greater{}, &HostFigures::requests);
    if (figures.hosts.size() <= most_hosts) return;
    figures.further_hosts = figures.hosts.size() - most_hosts;
    figures.hosts.resize(most_hosts);
}

}  // namespace sqlgrey::report
