#include "sqlgrey/metrics/daily.hpp"

#include <algorithm>
#include <atomic>
#include <string>

namespace sqlgrey::metrics {
namespace {

using greylist::DailyCounts;
using Totals = std::array<std::int64_t, daily_values>;
using Delay = service::Counters::Delay;

DayBegin& day_number(DailyCounters& daily, std::int64_t number) {
    return daily.days[static_cast<std::size_t>(number) % DailyCounters::most_days];
}

const DayBegin& day_number(const DailyCounters& daily, std::int64_t number) {
    return daily.days[static_cast<std::size_t>(number) % DailyCounters::most_days];
}

Totals totals_now(const Counters& counters) {
    Totals totals{};
    const auto add = [&](std::size_t i, const base::Counter& counter) {
        totals[i] += static_cast<std::int64_t>(counter.value());
    };
    add(greylist::verdict_count, counters.cleaning.never_retried);
    for (const service::Counters& slot : counters.decisions) {
        for (std::size_t i = 0; i < greylist::verdict_count; ++i) add(i, slot.decisions[i]);
        add(greylist::verdict_count + 1, slot.passed_by_policy);
        add(greylist::verdict_count + 2, slot.deferred_by_policy);
        for (std::size_t i = 0; i < Delay::buckets; ++i)
            totals[daily_counts + i] += static_cast<std::int64_t>(slot.delay.count(i));
    }
    return totals;
}

Totals totals_at(const DayBegin& begin) {
    Totals totals{};
    for (std::size_t i = 0; i < daily_values; ++i) totals[i] = begin.totals[i].value();
    return totals;
}

std::string name_of(std::size_t count) {
    constexpr std::array<const char*, daily_counts - greylist::verdict_count> others{
        greylist::daily_names::never_retried, greylist::daily_names::passed_by_policy,
        greylist::daily_names::deferred_by_policy};
    if (count < greylist::verdict_count)
        return std::string{greylist::name(static_cast<greylist::Verdict>(count))};
    return others[count - greylist::verdict_count];
}

std::int64_t up_to(std::size_t bucket) {
    return bucket < Delay::upper_bounds.size() ? static_cast<std::int64_t>(Delay::upper_bounds[bucket]) : 0;
}

DailyCounts counts_between(const DayBegin& begin, const Totals& end) {
    const Totals start = totals_at(begin);
    const std::chrono::sys_days day{std::chrono::days{begin.day.value()}};
    DailyCounts counts{base::iso_date(day), begin.run.value()};
    for (std::size_t i = 0; i < daily_values; ++i) {
        const std::int64_t count = end[i] - start[i];
        if (count <= 0) continue;
        if (i < daily_counts)
            counts.counts.push_back({name_of(i), count});
        else
            counts.delays.push_back({up_to(i - daily_counts), count});
    }
    return counts;
}

// Those that a table has now belong to the current day only if they were counted on it.
void add_rows(DailyCounts& today, const RowCounts& counts) {
    if (counts.counted_at.value() < today.run / 1'000'000) return;
    for (std::size_t i = 0; i < counted_tables.size(); ++i)
        if (const std::int64_t rows = counts.rows[i].value(); rows > 0)
            today.counts.push_back({greylist::daily_names::rows + std::string{counted_tables[i]}, rows});
}

// Differs from those of the other days, even if the clock was set back to the same moment.
std::int64_t new_run(const DailyCounters& daily, std::chrono::system_clock::time_point now) {
    std::int64_t run = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
    const auto is_taken = [&] {
        return std::ranges::any_of(daily.days, [&](const DayBegin& one) { return one.run.value() == run; });
    };
    while (is_taken()) ++run;
    return run;
}

}  // namespace

bool begin_day(Counters& counters, std::chrono::sys_days day, std::chrono::system_clock::time_point now) {
    DailyCounters& daily = counters.daily;
    const std::int64_t begun = daily.begun.value();
    const std::int64_t number = day.time_since_epoch().count();
    if (begun > 0 && day_number(daily, begun - 1).day.value() == number) return false;
    if (begun - daily.written.value() == static_cast<std::int64_t>(DailyCounters::most_days)) return false;
    const Totals totals = totals_now(counters);
    DayBegin& begin = day_number(daily, begun);
    begin.day.set(number);
    begin.run.set(new_run(daily, now));
    for (std::size_t i = 0; i < daily_values; ++i) begin.totals[i].set(totals[i]);
    // Whoever is killed before this line has begun no day: the next child does it again.
    std::atomic_thread_fence(std::memory_order_release);
    daily.begun.set(begun + 1);
    return true;
}

std::vector<DailyCounts> unwritten_days(const Counters& counters) {
    const DailyCounters& daily = counters.daily;
    const std::int64_t begun = daily.begun.value();
    std::vector<DailyCounts> days;
    for (std::int64_t number = daily.written.value(); number < begun; ++number) {
        const bool is_last = number + 1 == begun;
        const Totals end = is_last ? totals_now(counters) : totals_at(day_number(daily, number + 1));
        days.push_back(counts_between(day_number(daily, number), end));
    }
    if (!days.empty()) add_rows(days.back(), counters.rows);
    return days;
}

void days_are_written(Counters& counters) {
    counters.daily.written.set(counters.daily.begun.value() - 1);
}

}  // namespace sqlgrey::metrics
