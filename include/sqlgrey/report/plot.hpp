// Pictures: numbers to the text of an SVG element that stands in a page of HTML. Pure.
//
// Each has a viewBox and no size, so it scales; each mark has its numbers as a <title>, which browsers show
// as a tooltip. Colours, hatches and dashes are classes (page.css), so that light, dark and print can differ:
// area s0 to s6, line l0 to l2, calendar h0 to h4. All texts passed in are escaped here.
#pragma once

#include "sqlgrey/report/figures.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sqlgrey::report::plot {

inline constexpr int width = 480;  // of the viewBox: readable at half of a wide page and on a telephone

// A column of the picture: a day or a week.
struct Column {
    std::string name;     // on the axis, where there is room
    std::string tooltip;  // with its line ends
};

// `values`: one for each column; nothing where there is no number.
struct Series {
    std::string name;
    std::string style;  // its class
    std::vector<std::optional<double>> values;
};

// Areas on each other, flat within a column; the first series is at the bottom. `title`: for screen readers.
std::string stacked(const std::string& title, const std::vector<Column>& columns,
                    const std::vector<Series>& series);
// Lines, flat within a column; values are seconds, and the axis is logarithmic.
std::string wait_lines(const std::string& title, const std::vector<Column>& columns,
                       const std::vector<Series>& series);
// One line from 0, small; the title is its tooltip too.
std::string growth(const std::string& title, const std::vector<Column>& columns, const Series& series);

// Upright bars of the same width; a bar's name is the upper edge of its bucket.
struct Bar {
    std::string name, tooltip;
    double value = 0;
};
std::string histogram(const std::string& title, const std::vector<Bar>& bars);
// Horizontal bars, each with its name above it on the left and `shown` on the right.
struct NamedBar {
    std::string name, shown, tooltip;
    double value = 0;
};
std::string bars(const std::string& title, const std::vector<NamedBar>& bars);

// A square for each day, weeks from left to right, Monday on top.
struct Square {
    Date date;
    double value = 0;
    std::string tooltip;
};
std::string calendar(const std::string& title, const std::vector<Square>& squares);

// The hatches that the classes s0 to s6 refer to; once in a page.
std::string hatches();

// Round numbers from 0 to at least `most`, four to six of them.
std::vector<double> ticks(double most);

}  // namespace sqlgrey::report::plot
