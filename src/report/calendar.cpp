#include "sqlgrey/report/words.hpp"
#include "svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sqlgrey::report::plot {
namespace {

constexpr double left = 36, top = 20, largest_square = 24;
constexpr int days_of_week = 7;

int row_of(Date date) {
    return static_cast<int>((std::chrono::weekday{date} - std::chrono::Monday).count());
}

// The quartiles of the values that are not 0: a wave of spam must not make all other days look alike.
std::vector<double> thresholds(const std::vector<Square>& squares) {
    std::vector<double> values;
    for (const Square& one : squares)
        if (one.value > 0) values.push_back(one.value);
    std::ranges::sort(values);
    std::vector<double> found;
    for (std::size_t i = 1; i < 4 && !values.empty(); ++i) found.push_back(values[values.size() * i / 4]);
    return found;
}

std::size_t level_of(double value, const std::vector<double>& thresholds) {
    if (value <= 0) return 0;
    const auto reached = std::ranges::count_if(thresholds, [&](double one) { return value >= one; });
    return 1 + static_cast<std::size_t>(reached);
}

std::string names_of_days(double size) {
    std::string out;
    for (const auto& [name, row] : {std::pair{"Mon", 0}, {"Thu", 3}, {"Sun", 6}})
        out += label(left - 6, top + size * (row + 0.5) + 4, Anchor::end, name);
    return out;
}

}  // namespace

std::string calendar(const std::string& title, const std::vector<Square>& squares) {
    if (squares.empty()) return begin(title, top) + closing;
    const Date first = squares.front().date - std::chrono::days{row_of(squares.front().date)};
    const auto weeks = (squares.back().date - first).count() / days_of_week + 1;
    // Whole numbers, which are short: there may be 400 squares.
    const double size = std::floor(std::min((width - left) / static_cast<double>(weeks), largest_square));
    const std::vector<double> levels = thresholds(squares);
    std::string out = begin(title, top + size * days_of_week + 2) + names_of_days(size);
    std::array<std::string, 5> marks;  // by level; a square is a short, thick line
    double free_from = left;           // where the next name of a month has room
    for (const Square& square : squares) {
        const auto week = (square.date - first).count() / days_of_week;
        const double x = left + size * static_cast<double>(week);
        const bool begins_month = std::chrono::year_month_day{square.date}.day() == std::chrono::day{1};
        if (begins_month && x >= free_from && x < width - 24) {
            out += label(x, top - 7, Anchor::start, short_date(square.date).substr(2));
            free_from = x + 44;
        }
        marks[level_of(square.value, levels)] +=
            "<path d=\"M" + coordinate(x) + " " +
            coordinate(top + std::floor(size * (row_of(square.date) + 0.5))) + "h" + coordinate(size - 1) +
            "\"><title>" + html(square.tooltip) + "</title></path>";
    }
    for (std::size_t level = 0; level < marks.size(); ++level)
        if (!marks[level].empty())
            out += "<g class=\"d" + std::to_string(level) + "\" stroke-width=\"" + coordinate(size - 1) +
                   "\">" + marks[level] + "</g>";
    return out + closing;
}

}  // namespace sqlgrey::report::plot
