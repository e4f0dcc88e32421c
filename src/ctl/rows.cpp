#include "rows.hpp"

#include "sqlgrey/base/text.hpp"
#include "sqlgrey/log/logger.hpp"

#include <algorithm>
#include <numeric>
#include <ostream>

#include <sys/ioctl.h>
#include <unistd.h>

namespace sqlgrey::ctl {
namespace {

constexpr std::size_t rows_that_lay_out = 200;
constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 8;  // columns are not cut below this

std::string plain(const Cell& cell) {
    struct Text {
        std::string operator()(std::monostate) const { return ""; }
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(bool yes) const { return yes ? "yes" : "no"; }
        std::string operator()(base::Time time) const { return rfc3339(time); }
    };
    return std::visit(Text{}, cell);
}

std::string csv_value(const Cell& cell) {
    std::string text = plain(cell);
    if (std::holds_alternative<std::string>(cell)) {
        text = log::escape(text);
        if (!text.empty() && std::string_view{"=+-@"}.find(text[0]) != std::string_view::npos)
            text.insert(0, 1, '\'');
    }
    if (text.find_first_of("\",\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? "\"\"" : std::string{c};
    return quoted + '"';
}

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The number of characters in a UTF-8 text.
std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

std::string cut(const std::string& text, std::size_t width) {
    if (characters(text) <= width) return text;
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size(); ++end)
        if (!continues(text[end]) && ++seen == width) break;
    return text.substr(0, end) + "~";
}

}  // namespace

Format format_of(const Invocation& invocation) {
    const std::string name = invocation.value_or("format", "text");
    if (name == "json") return Format::json;
    return name == "csv" ? Format::csv : Format::text;
}

std::size_t terminal_width() {
    if (::isatty(STDOUT_FILENO) == 0) return 0;
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 80;
    return size.ws_col;
}

RowWriter::RowWriter(std::ostream& out, Format format, std::vector<std::string> columns, std::size_t width)
    : out_(out),
      format_(format),
      columns_(std::move(columns)),
      width_(width),
      right_(columns_.size(), false) {
    if (format_ == Format::csv) out_ << base::joined(columns_, ",") << "\r\n";
}

RowWriter::~RowWriter() {
    finish();
}

void RowWriter::finish() {
    if (format_ == Format::text && widths_.empty()) lay_out();
    out_ << std::flush;
}

void RowWriter::row(const std::vector<Cell>& cells) {
    ++rows_;
    if (format_ == Format::text) return text_row(cells);
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (format_ == Format::csv)
            line += (i ? "," : "") + csv_value(cells[i]);
        else if (!std::holds_alternative<std::monostate>(cells[i]))
            line += (line.empty() ? "" : ", ") + json_text(columns_[i]) + ": " + json_value(cells[i]);
    }
    out_ << (format_ == Format::csv ? line + "\r\n" : "{" + line + "}\n");
}

void RowWriter::text_row(const std::vector<Cell>& cells) {
    Line line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string text = log::escape(plain(cells[i]));
        line.push_back(text.empty() ? "-" : text);
        if (std::holds_alternative<std::int64_t>(cells[i])) right_[i] = true;
    }
    if (!widths_.empty()) return write_line(line);
    kept_.push_back(std::move(line));
    if (kept_.size() == rows_that_lay_out) lay_out();
}

// Finds the widths, cutting the widest columns to fit a terminal, and writes the rows held back.
void RowWriter::lay_out() {
    if (kept_.empty()) return;
    for (const std::string& name : columns_) widths_.push_back(name.size());
    for (const Line& line : kept_)
        for (std::size_t i = 0; i < line.size(); ++i) widths_[i] = std::max(widths_[i], characters(line[i]));
    const auto total = [&] {
        return std::accumulate(widths_.begin(), widths_.end(), gap * (widths_.size() - 1));
    };
    while (width_ > 0 && total() > width_) {
        const auto widest = std::ranges::max_element(widths_);
        if (*widest <= narrowest) break;
        --*widest;
    }
    write_line(columns_);
    for (const Line& line : kept_) write_line(line);
    kept_.clear();
}

void RowWriter::write_line(const Line& line) {
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const std::string text = width_ > 0 ? cut(line[i], widths_[i]) : line[i];
        const std::size_t taken = characters(text);
        const std::string padding(widths_[i] > taken ? widths_[i] - taken : 0, ' ');
        const bool last = i + 1 == line.size();
        out += right_[i] ? padding + text : text + (last ? "" : padding);
        if (!last) out.append(gap, ' ');
    }
    out_ << out << '\n';
}

}  // namespace sqlgrey::ctl
