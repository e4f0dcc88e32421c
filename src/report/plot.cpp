#include "sqlgrey/report/plot.hpp"

#include "sqlgrey/report/words.hpp"
#include "svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sqlgrey::report::plot {
namespace {

constexpr double below_frame = 28;  // for the names of the columns

// The ticks of an axis of seconds, a logarithmic one: from one to the next about four times as much.
constexpr std::array<double, 11> times{1, 5, 20, 60, 300, 1200, 3600, 14400, 43200, 172800, 864000};

double greatest(const std::vector<std::optional<double>>& values) {
    double most = 0;
    for (const auto& value : values) most = std::max(most, value.value_or(0));
    return most;
}

// The ticks around these values: from one below the least to one above the greatest.
std::vector<double> time_ticks(const std::vector<Series>& series) {
    double least = times.back(), most = times.front();
    for (const Series& one : series)
        for (const auto& value : one.values) {
            if (!value) continue;
            least = std::min(least, std::max(*value, times.front()));
            most = std::max(most, *value);
        }
    auto first = std::ranges::upper_bound(times, least);
    if (first != times.begin()) --first;
    auto last = std::ranges::lower_bound(times, most);
    if (last == times.end()) --last;
    if (last <= first) first = last > times.begin() ? last - 1 : last++;
    return {first, last + 1};
}

// The share of its column that a series reaches, with all series below it.
std::vector<double> heights(const std::vector<Series>& series, std::size_t upto, double most,
                            std::size_t columns) {
    std::vector<double> sums(columns, 0);
    for (std::size_t s = 0; s <= upto; ++s)
        for (std::size_t i = 0; i < columns; ++i) sums[i] += series[s].values[i].value_or(0);
    for (double& sum : sums) sum /= most;
    return sums;
}

std::string path_of(const std::string& style, const std::string& path) {
    return "<path class=\"" + style + "\" d=\"" + path + "\"/>";
}

bool has_values(const Series& series) {
    return greatest(series.values) > 0;
}

}  // namespace

std::vector<double> ticks(double most) {
    const double raw = std::max(most, 1.0) / 4;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    double step = power;
    for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0})
        if ((step = power * factor) >= raw) break;
    step = std::max(std::ceil(step), 1.0);  // numbers of things are whole
    std::vector<double> all;
    for (double at = 0; all.empty() || all.back() < most || all.size() < 2; at += step) all.push_back(at);
    return all;
}

std::string stacked(const std::string& title, const std::vector<Column>& columns,
                    const std::vector<Series>& series) {
    Frame frame;
    frame.columns = std::max<std::size_t>(columns.size(), 1);
    double most = 0;
    for (const double sum : heights(series, series.size() - 1, 1, columns.size())) most = std::max(most, sum);
    const std::vector<double> axis = ticks(most);
    std::string out = begin(title, frame.bottom + below_frame) + linear_axis(frame, axis);
    // From the top: each area covers what is below it, down to the bottom.
    for (std::size_t s = series.size(); s-- > 0;)
        if (has_values(series[s]))
            out += path_of(series[s].style, area(frame, heights(series, s, axis.back(), columns.size())));
    return out + column_names(frame, columns) + tooltips(frame, columns) + closing;
}

std::string wait_lines(const std::string& title, const std::vector<Column>& columns,
                       const std::vector<Series>& series) {
    Frame frame;
    frame.columns = std::max<std::size_t>(columns.size(), 1);
    const std::vector<double> axis = time_ticks(series);
    const double low = std::log(axis.front()), high = std::log(axis.back());
    const auto share = [&](double value) {
        return (std::log(std::max(value, axis.front())) - low) / (high - low);
    };
    std::string out = begin(title, frame.bottom + below_frame);
    for (const double tick : axis)
        out += grid_line(frame, share(tick), duration(base::Seconds{std::llround(tick)}));
    for (const Series& one : series) {
        std::vector<std::optional<double>> shares;
        for (const auto& value : one.values)
            shares.push_back(value ? std::optional{share(*value)} : std::nullopt);
        out += path_of(one.style, steps(frame, shares));
    }
    return out + column_names(frame, columns) + tooltips(frame, columns) + closing;
}

std::string growth(const std::string& title, const std::vector<Column>& columns, const Series& series) {
    Frame frame;
    frame.bottom = 86;
    frame.columns = std::max<std::size_t>(columns.size(), 1);
    std::vector<double> axis = ticks(greatest(series.values));
    axis = {axis.front(), axis.back()};
    std::vector<std::optional<double>> shares;
    for (const auto& value : series.values)
        shares.push_back(value ? std::optional{*value / axis.back()} : std::nullopt);
    return begin(title, frame.bottom + below_frame) + linear_axis(frame, axis) + "<path class=\"" +
           series.style + "\" d=\"" + steps(frame, shares) + "\"><title>" + html(title, 200) +
           "</title></path>" + column_names(frame, columns) + closing;
}

std::string histogram(const std::string& title, const std::vector<Bar>& bars) {
    Frame frame;
    frame.columns = std::max<std::size_t>(bars.size(), 1);
    double most = 0;
    for (const Bar& bar : bars) most = std::max(most, bar.value);
    const std::vector<double> axis = ticks(most);
    std::string out = begin(title, frame.bottom + below_frame) + linear_axis(frame, axis);
    std::vector<Column> columns;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        columns.push_back({bars[i].name, bars[i].tooltip});
        if (bars[i].value <= 0) continue;
        const double gap = (frame.x(1) - frame.x(0)) * 0.08;
        const double left = frame.x(i) + gap,
                     top = std::min(frame.y(bars[i].value / axis.back()), frame.bottom - 1);
        out +=
            path_of("s2", "M" + coordinate(left) + " " + coordinate(frame.bottom) + "V" + coordinate(top) +
                              "H" + coordinate(frame.x(i + 1) - gap) + "V" + coordinate(frame.bottom) + "z");
    }
    return out + column_names(frame, columns) + tooltips(frame, columns) + closing;
}

std::string bars(const std::string& title, const std::vector<NamedBar>& bars) {
    constexpr double height_of_bar = 40;
    double most = 1;
    for (const NamedBar& bar : bars) most = std::max(most, bar.value);
    std::string out = begin(title, std::max(height_of_bar * static_cast<double>(bars.size()), 1.0));
    double top = 0;
    for (const NamedBar& bar : bars) {
        const double length = std::max(bar.value / most * width, 1.0);
        out += label_squeezed(top + 16, bar.name) + label(width, top + 16, Anchor::end, bar.shown);
        out += "<path class=\"track\" d=\"M0 " + coordinate(top + 23) + "h" + std::to_string(width) +
               "v8H0z\"/><path class=\"s0\" d=\"M0 " + coordinate(top + 23) + "h" + coordinate(length) +
               "v8H0z\"><title>" + html(bar.tooltip, 300) + "</title></path>";
        top += height_of_bar;
    }
    return out + closing;
}

// Each is the colour, and a mark by which it is told from the others in grey.
std::string hatches() {
    constexpr std::array<const char*, group_count> marks{
        "", "M-1 5L5-1M3 9L9 3", "M0 2H8M0 6H8", "", "M2 0V8M6 0V8", "M0 0L8 8M8 0L0 8", "M0 4H8M4 0V8"};
    std::string out = "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>";
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const std::string n = std::to_string(i);
        out += "<pattern id=\"p" + n +
               "\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><rect class=\"c" + n +
               "\" width=\"8\" height=\"8\"/>";
        if (*marks[i]) out += "<path class=\"hatch\" d=\"" + std::string{marks[i]} + "\"/>";
        out += "</pattern>";
    }
    return out + "</defs></svg>";
}

}  // namespace sqlgrey::report::plot
