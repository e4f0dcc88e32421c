#include "svg.hpp"

#include "sqlgrey/report/words.hpp"

#include <algorithm>
#include <cmath>

namespace sqlgrey::report::plot {
namespace {

constexpr std::size_t most_names = 5;  // on the axis: "27 Nov" at the size of a telephone
constexpr std::size_t most_label = 40;

const char* word(Anchor anchor) {
    switch (anchor) {
        case Anchor::start:
            return "";
        case Anchor::middle:
            return " text-anchor=\"middle\"";
        case Anchor::end:
            break;
    }
    return " text-anchor=\"end\"";
}

std::string titled(std::string_view text) {
    std::string out;
    while (true) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += html(text.substr(0, end));
        if (end == text.size()) return "<title>" + out + "</title>";
        out += '\n';
        text.remove_prefix(end + 1);
    }
}

// Heights: half a unit more or less is not seen.
std::string whole(double value) {
    return std::to_string(std::llround(value));
}

}  // namespace

std::string coordinate(double value) {
    const std::int64_t tenths = std::llround(value * 10);
    std::string text = tenths < 0 ? "-" : "";
    text += std::to_string(std::abs(tenths) / 10);
    if (tenths % 10 != 0) text += "." + std::to_string(std::abs(tenths) % 10);
    return text;
}

double Frame::x(std::size_t edge) const {
    return left + (right - left) * static_cast<double>(edge) / static_cast<double>(columns);
}

double Frame::y(double share) const {
    return bottom - (bottom - top) * std::clamp(share, 0.0, 1.0);
}

std::string begin(const std::string& title, double height) {
    return "<svg viewBox=\"0 0 " + std::to_string(width) + " " + coordinate(height) +
           "\" role=\"img\" aria-label=\"" + html(title) + "\">";
}

std::string label(double x, double y, Anchor anchor, std::string_view text) {
    return "<text x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\"" + word(anchor) + ">" +
           html(text, most_label) + "</text>";
}

std::string label_squeezed(double y, std::string_view text) {
    constexpr std::size_t short_enough = 20;  // also if all its letters are wide
    constexpr double usual_width = 6.8, widest = usual_width * most_label;  // of a letter, of all
    std::string squeezed;
    if (text.size() > short_enough)
        squeezed = " textLength=\"" +
                   coordinate(std::min(static_cast<double>(text.size()) * usual_width, widest)) +
                   "\" lengthAdjust=\"spacingAndGlyphs\"";
    return "<text y=\"" + coordinate(y) + "\"" + squeezed + ">" + html(text, most_label) + "</text>";
}

std::string grid_line(const Frame& frame, double share, std::string_view text) {
    const std::string y = coordinate(frame.y(share));
    return "<path class=\"grid\" d=\"M" + coordinate(frame.left) + " " + y + "H" + coordinate(frame.right) +
           "\"/>" + label(frame.left - 6, frame.y(share) + 4, Anchor::end, text);
}

std::string linear_axis(const Frame& frame, const std::vector<double>& ticks) {
    std::string out;
    for (const double tick : ticks) out += grid_line(frame, tick / ticks.back(), shortened(tick));
    return out;
}

std::string column_names(const Frame& frame, const std::vector<Column>& columns) {
    std::string out;
    const std::size_t every = (columns.size() + most_names - 1) / most_names;
    for (std::size_t i = 0; i < columns.size(); i += every) {
        const double middle = (frame.x(i) + frame.x(i + 1)) / 2;
        const bool is_at_end = middle > frame.right - 24 && columns.size() > 1;
        out += label(is_at_end ? frame.right : middle, frame.bottom + 18,
                     is_at_end ? Anchor::end : Anchor::middle, columns[i].name);
    }
    return out;
}

std::string tooltips(const Frame& frame, const std::vector<Column>& columns) {
    std::string out = "<g class=\"hit\" stroke-width=\"" + coordinate(frame.x(1) - frame.x(0)) + "\">";
    const std::string line = " " + coordinate(frame.top) + "V" + coordinate(frame.bottom) + "\">";
    for (std::size_t i = 0; i < columns.size(); ++i)
        out += "<path d=\"M" + coordinate((frame.x(i) + frame.x(i + 1)) / 2) + line +
               titled(columns[i].tooltip) + "</path>";
    return out + "</g>";
}

std::string steps(const Frame& frame, const std::vector<std::optional<double>>& shares) {
    std::string path;
    bool is_open = false;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        if (!shares[i]) {
            is_open = false;
            continue;
        }
        const std::string y = whole(frame.y(*shares[i]));
        path += is_open ? "V" + y : "M" + coordinate(frame.x(i)) + " " + y;
        path += "H" + coordinate(frame.x(i + 1));
        is_open = true;
    }
    return path;
}

std::string area(const Frame& frame, const std::vector<double>& shares) {
    const std::string bottom = coordinate(frame.bottom);
    std::string path = "M" + coordinate(frame.left) + " " + bottom;
    for (std::size_t i = 0; i < shares.size(); ++i)
        path += "V" + whole(frame.y(shares[i])) + "H" + coordinate(frame.x(i + 1));
    return path + "V" + bottom + "z";
}

}  // namespace sqlgrey::report::plot
