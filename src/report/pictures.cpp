#include "pictures.hpp"

#include "sqlgrey/report/plot.hpp"
#include "sqlgrey/report/summary.hpp"
#include "sqlgrey/report/words.hpp"

#include <algorithm>

namespace sqlgrey::report {
namespace {

using plot::Column;
using plot::Series;

std::string days_of(const Step& step) {
    return short_date(step.first) + (step.first == step.last ? "" : " to " + short_date(step.last));
}

// `tell` writes the numbers of a step below its days.
template <typename Tell>
std::vector<Column> columns_of(const std::vector<Step>& steps, const Tell& tell) {
    std::vector<Column> columns;
    columns.reserve(steps.size());
    for (const Step& step : steps)
        columns.push_back({short_date(step.first),
                           days_of(step) + (step.has_figures ? tell(step.figures) : "\nno statistics")});
    return columns;
}

template <typename Value>
Series series_of(const std::vector<Step>& steps, std::string name, std::string style, const Value& value) {
    Series series{std::move(name), std::move(style), {}};
    for (const Step& step : steps)
        series.values.push_back(step.has_figures ? value(step.figures) : std::optional<double>{});
    return series;
}

std::optional<double> amount(std::int64_t number) {
    return static_cast<double>(number);
}

std::string legend_of(const std::vector<Series>& series, bool lines) {
    std::string out = "<ul class=\"legend\">";
    for (const Series& one : series)
        out += "<li><svg viewBox=\"0 0 20 12\" aria-hidden=\"true\"><path class=\"" + one.style + "\" d=\"" +
               (lines ? "M0 6H20" : "M0 0H20V12H0z") + "\"/></svg>" + html(one.name) + "</li>";
    return out + "</ul>";
}

std::string empty_picture(const char* title, const std::vector<Column>& columns) {
    return plot::stacked(title, columns, {{"", "s0", std::vector<std::optional<double>>(columns.size())}});
}

Picture stacked(const char* title, const std::vector<Column>& columns, const std::vector<Series>& series) {
    return {plot::stacked(title, columns, series), legend_of(series, false)};
}

}  // namespace

bool is_by_weeks(const Figures& figures) {
    return std::ranges::any_of(steps_of(figures), [](const Step& step) { return step.first != step.last; });
}

Picture requests_picture(const Figures& figures) {
    const std::vector<Step> steps = steps_of(figures);
    const DayFigures total = total_of(figures);
    std::vector<Series> series;
    for (std::size_t i = 0; i < group_count; ++i)
        if (total.requests[i] > 0)
            series.push_back(series_of(steps, std::string{title_of(static_cast<Group>(i))},
                                       "s" + std::to_string(i),
                                       [&](const DayFigures& day) { return amount(day.requests[i]); }));
    const auto columns = columns_of(steps, [](const DayFigures& day) {
        std::string text;
        for (std::size_t i = 0; i < group_count; ++i)
            if (day.requests[i] > 0)
                text += "\n" + std::string{short_title_of(static_cast<Group>(i))} + " " +
                        grouped(day.requests[i]);
        return text.empty() ? std::string{"\nno requests"} : text;
    });
    if (series.empty()) return {empty_picture("Requests by outcome", columns)};
    return stacked("Requests by outcome", columns, series);
}

Picture strangers_picture(const Figures& figures) {
    const std::vector<Step> steps = steps_of(figures);
    const auto columns = columns_of(steps, [](const DayFigures& day) {
        return "\ncame back: " + grouped(day.came_back) + "\nnever came back: " + grouped(day.never_retried) +
               " (" + percent(day.never_retried, day.strangers()) + ")";
    });
    return stacked(
        "Strangers that came back, and that never did", columns,
        {series_of(steps, "came back", "s2", [](const DayFigures& day) { return amount(day.came_back); }),
         series_of(steps, "never came back", "s3",
                   [](const DayFigures& day) { return amount(day.never_retried); })});
}

Picture waits_picture(const Figures& figures) {
    const std::vector<Step> steps = steps_of(figures);
    const auto wait = [](double share) {
        return [share](const DayFigures& day) -> std::optional<double> {
            const auto found = percentile(day.waits, share);
            return found ? std::optional{static_cast<double>(found->time.count())} : std::nullopt;
        };
    };
    const std::vector<Series> series{series_of(steps, "p50", "l0", wait(0.5)),
                                     series_of(steps, "p90", "l1", wait(0.9)),
                                     series_of(steps, "p99", "l2", wait(0.99))};
    const auto columns = columns_of(steps, [](const DayFigures& day) {
        std::string text;
        for (const auto& [name, share] : {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}})
            if (const auto found = percentile(day.waits, share))
                text += "\n" + std::string{name} + ": " + duration(*found);
        return text.empty() ? std::string{"\nno mail passed after a retry"} : text;
    });
    const bool has_any =
        std::ranges::any_of(series.front().values, [](const auto& one) { return one.has_value(); });
    if (!has_any) return {empty_picture("Waits", columns)};
    return {plot::wait_lines("Waits of mail that passed after a retry", columns, series),
            legend_of(series, true)};
}

Picture buckets_picture(const Figures& figures) {
    const std::vector<WaitRange> ranges = wait_ranges(total_of(figures).waits);
    std::int64_t all = 0;
    for (const WaitRange& range : ranges) all += range.mails;
    std::vector<plot::Bar> bars;
    for (const WaitRange& range : ranges) {
        const bool is_last = range.up_to.count() == 0;
        const std::string from = duration(range.more_than);
        bars.push_back({is_last ? "more" : duration(range.up_to),
                        (is_last ? "more than " + from : from + " to " + duration(range.up_to)) + "\n" +
                            counted(range.mails, "mail") + " (" + percent(range.mails, all) + ")",
                        static_cast<double>(range.mails)});
    }
    return {plot::histogram("Mails by how long they waited", bars)};
}

Picture growth_picture(const Figures& figures) {
    const std::vector<Step> steps = steps_of(figures);
    Picture picture;
    for (std::size_t i = 0; i < counted_tables.size(); ++i) {
        const std::string name{counted_tables[i]};
        const Series series =
            series_of(steps, name, "l0", [&](const DayFigures& day) -> std::optional<double> {
                return day.rows[i] ? amount(*day.rows[i]) : std::nullopt;
            });
        const auto newest = std::find_if(series.values.rbegin(), series.values.rend(),
                                         [](const auto& one) { return one.has_value(); });
        if (newest == series.values.rend()) continue;
        const auto columns = columns_of(steps, [](const DayFigures&) { return std::string{}; });
        const auto greatest = std::ranges::max_element(series.values);
        const std::string title = name + ": " + counted(static_cast<std::int64_t>(**newest), "row") +
                                  ", at most " + grouped(static_cast<std::int64_t>(**greatest));
        picture.svg += "<div><p class=\"small\">" + name + " <b>" +
                       grouped(static_cast<std::int64_t>(**newest)) + "</b></p>\n" +
                       plot::growth(title, columns, series) + "</div>\n";
    }
    if (!picture.svg.empty()) picture.svg = "<div class=\"smalls\">\n" + picture.svg + "</div>";
    return picture;
}

Picture hosts_picture(const Figures& figures) {
    std::vector<plot::NamedBar> bars;
    for (const HostFigures& host : figures.hosts)
        bars.push_back({host.name,
                        grouped(host.requests) + ", " + percent(host.deferred, host.requests) + " deferred",
                        host.name + ": " + counted(host.requests, "request") + ", " + grouped(host.deferred) +
                            " deferred, " + grouped(host.without_database) + " without the database",
                        static_cast<double>(host.requests)});
    return {plot::bars("Requests by host", bars)};
}

Picture calendar_picture(const Figures& figures) {
    std::vector<plot::Square> squares;
    for (const Day& day : figures.days) {
        const std::int64_t attempts = day.figures.of(Group::first);
        squares.push_back(
            {day.date, static_cast<double>(attempts), short_date(day.date) + ": " + grouped(attempts)});
    }
    return {
        plot::calendar("First attempts by day", squares),
        "<ul class=\"legend scale\"><li>fewer</li>"
        "<li><svg viewBox=\"0 0 60 12\" aria-hidden=\"true\"><path class=\"h0\" d=\"M0 0h11v12H0z\"/>"
        "<path class=\"h1\" d=\"M12 0h11v12h-11z\"/><path class=\"h2\" d=\"M24 0h11v12h-11z\"/>"
        "<path class=\"h3\" d=\"M36 0h11v12h-11z\"/><path class=\"h4\" d=\"M48 0h11v12h-11z\"/></svg></li>"
        "<li>more</li></ul>"};
}

Table calendar_table(const Figures& figures) {
    Table table{"first_attempts",
                "First attempts by day",
                {},
                {{"week", "week from"},
                 {"monday", "Mon"},
                 {"tuesday", "Tue"},
                 {"wednesday", "Wed"},
                 {"thursday", "Thu"},
                 {"friday", "Fri"},
                 {"saturday", "Sat"},
                 {"sunday", "Sun"}},
                {}};
    Date monday{};
    for (const Day& day : figures.days) {
        const auto row = std::chrono::weekday{day.date} - std::chrono::Monday;
        if (table.rows.empty() || day.date - row != monday) {
            monday = day.date - row;
            table.rows.push_back({monday, {}, {}, {}, {}, {}, {}, {}});
        }
        table.rows.back()[static_cast<std::size_t>(row.count()) + 1] = day.figures.of(Group::first);
    }
    return table;
}

}  // namespace sqlgrey::report
