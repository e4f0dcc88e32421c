// Pieces that all pictures are made of.
#pragma once

#include "sqlgrey/report/plot.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::report::plot {

// A coordinate with one digit after the point, none if it is 0.
std::string coordinate(double value);

// The rectangle in which the values are drawn; the axes are left of it and below.
struct Frame {
    double left = 50, right = width - 4, top = 10, bottom = 190;
    std::size_t columns = 1;

    double x(std::size_t edge) const;  // the left edge of a column; of `columns` the right edge of the last
    double y(double share) const;      // 0: bottom, 1: top
};

// "<svg ...>" of that height, and its end.
std::string begin(const std::string& title, double height);
inline constexpr const char* closing = "</svg>";

enum class Anchor { start, middle, end };
std::string label(double x, double y, Anchor anchor, std::string_view text);
// A label of a line's start that is squeezed, if it is long, to leave room for another at its end.
std::string label_squeezed(double y, std::string_view text);

// A line across the frame at that share of its height, with its label on the left.
std::string grid_line(const Frame& frame, double share, std::string_view text);
// Grid lines at the ticks of a linear axis from 0 to the last of them.
std::string linear_axis(const Frame& frame, const std::vector<double>& ticks);
// The names of some columns below the frame: as many as have room.
std::string column_names(const Frame& frame, const std::vector<Column>& columns);
// An invisible rectangle over each column, with its tooltip.
std::string tooltips(const Frame& frame, const std::vector<Column>& columns);

// The path of a line that is flat within a column. Where there is no share it is interrupted.
std::string steps(const Frame& frame, const std::vector<std::optional<double>>& shares);
// The same, closed along the bottom.
std::string area(const Frame& frame, const std::vector<double>& shares);

}  // namespace sqlgrey::report::plot
