// Prints rows (--format): text for people, JSON (one object per line) or CSV for programs.
#pragma once

#include "command.hpp"
#include "json.hpp"

#include <iosfwd>
#include <vector>

namespace sqlgrey::ctl {

// For the table of commands.
inline constexpr Option format_option{"format", "text|json|csv", "how rows are printed; text by default"};

enum class Format { text, json, csv };
Format format_of(const Invocation& invocation);

// Width in characters if standard output is a terminal (80 if it does not say), else 0.
std::size_t terminal_width();

// Writes rows as they come.
//   text  a heading and aligned columns, as wide as the first 200 rows need; on a terminal, each row is one
//         line, in which long texts are cut ('~'); without rows, nothing
//   json  one object per row, without the empty cells
//   csv   RFC 4180, with a heading; a text that a spreadsheet would take for a formula gets a leading '
// Control characters are escaped as in the log. For one thread.
class RowWriter {
  public:
    // `width`: of the terminal; 0 for no limit.
    RowWriter(std::ostream& out, Format format, std::vector<std::string> columns,
              std::size_t width = terminal_width());
    ~RowWriter();
    RowWriter(const RowWriter&) = delete;

    // One cell per column.
    void row(const std::vector<Cell>& cells);
    std::int64_t rows() const { return rows_; }
    // Writes the rows that are held back to find the widths. Call it before printing anything after the rows.
    void finish();

  private:
    using Line = std::vector<std::string>;
    void text_row(const std::vector<Cell>& cells);
    void lay_out();
    void write_line(const Line& line);

    std::ostream& out_;
    Format format_;
    std::vector<std::string> columns_;
    std::size_t width_;
    std::vector<std::size_t> widths_;  // empty until the first 200 rows, or all, are known
    std::vector<bool> right_;          // columns with numbers are aligned to the right
    std::vector<Line> kept_;
    std::int64_t rows_ = 0;
};

}  // namespace sqlgrey::ctl
