#include "sqlgrey/report/summary.hpp"

#include "sqlgrey/report/words.hpp"

#include <algorithm>
#include <cmath>

namespace sqlgrey::report {
namespace {

std::string period_of(const Figures& figures) {
    const Date first = figures.days.front().date, last = figures.days.back().date;
    if (first == last) return "on " + long_date(first);
    return "in " + grouped((last - first).count() + 1) + " days";
}

std::string of_strangers(const Figures& figures, const DayFigures& total) {
    const std::int64_t attempts = total.of(Group::first);
    const std::string when = period_of(figures);
    if (is_too_early(figures))
        return counted(attempts, "stranger") + " had to wait " + when + ", " + grouped(total.came_back) +
               " came back so far; how many never do is known after " + duration(figures.max_connect_age) +
               " (max_connect_age)";
    if (total.strangers() > 0)
        return "Of " + counted(total.strangers(), "stranger") + " " + when + ", " +
               percent(total.never_retried, total.strangers()) + " never came back";
    if (attempts == 0) return "No stranger had to wait " + when;
    return counted(attempts, "stranger") + " had to wait " + when + ", none of them has come back yet";
}

std::string of_waits(const Waits& waits) {
    const auto middle = percentile(waits, 0.5), most = percentile(waits, 0.99);
    if (!middle || !most) return "no mail passed after a retry";
    return "honest mail waited " + duration(*middle) + " in the middle, " + duration(*most) + " at p99";
}

std::string without_figures(const Figures& figures) {
    if (!figures.stats_interval)
        return "There are no daily statistics, because stats_interval is 0: set it and reload.";
    return "There are no daily statistics of this period yet: sqlgrey writes them every " +
           duration(*figures.stats_interval) + " (stats_interval) while it runs.";
}

}  // namespace

std::optional<Wait> percentile(const Waits& waits, double share) {
    std::int64_t all = 0;
    for (const WaitBucket& bucket : waits) all += bucket.mails;
    if (all == 0) return {};
    const double wanted = std::clamp(share, 0.0, 1.0) * static_cast<double>(all);
    double below = 0;
    base::Seconds edge{0};
    for (const WaitBucket& bucket : waits) {
        const auto mails = static_cast<double>(bucket.mails);
        if (bucket.mails > 0 && below + mails >= wanted) {
            if (bucket.up_to.count() == 0) return Wait{edge, true};
            if (edge.count() == 0) return Wait{bucket.up_to, false, true};
            const double within = (wanted - below) / mails;
            const auto width = static_cast<double>((bucket.up_to - edge).count());
            return Wait{edge + base::Seconds{std::llround(within * width)}, false};
        }
        below += mails;
        if (bucket.up_to.count() != 0) edge = bucket.up_to;
    }
    return Wait{edge, true};
}

std::vector<WaitRange> wait_ranges(const Waits& waits) {
    std::vector<WaitRange> ranges;
    base::Seconds edge{0};
    std::size_t needed = 0;  // up to the last with mails
    for (const WaitBucket& bucket : waits) {
        if (bucket.mails > 0 || !ranges.empty()) ranges.push_back({edge, bucket.up_to, bucket.mails});
        if (bucket.mails > 0) needed = ranges.size();
        edge = bucket.up_to;
    }
    ranges.resize(needed);
    return ranges;
}

bool is_too_early(const Figures& figures) {
    const DayFigures total = total_of(figures);
    if (total.of(Group::first) == 0) return false;
    const Date begin = figures.days.front().date;
    if (figures.made >= begin + std::chrono::days{1} + figures.max_connect_age) return false;
    // Of a period within older statistics, what expires was counted before it.
    return begin > figures.first || total.never_retried == 0;
}

std::string sentence(const Figures& figures) {
    if (figures.days.empty()) return without_figures(figures);
    const DayFigures total = total_of(figures);
    return of_strangers(figures, total) + "; " + of_waits(total.waits) + ".";
}

}  // namespace sqlgrey::report
