// Rows as a command prints them (--format): text for people, JSON (one object a line) or CSV for programs.
#pragma once

#include "command.hpp"
#include "json.hpp"

#include <iosfwd>
#include <vector>

namespace sqlgrey::ctl {

// --format, for the table of commands.
inline constexpr Option format_option{"format", "text|json|csv", "how rows are printed; text by default"};

enum class Format { text, json, csv };
Format format_of(const Invocation& invocation);

// The columns of the terminal that standard output is; 0 if it is none.
std::size_t terminal_width();

// Writes rows as they come.
//   text  a heading and columns that align by the first 200 rows; on a terminal long texts are cut ('~'), so
//         that a row is a line; nothing at all without rows
//   json  an object a row; what is not there is left out
//   csv   RFC 4180, a heading first; a text that a spreadsheet would take for a formula gets a ' in front
// Control characters are escaped as in the log. For one thread.
class RowWriter {
  public:
    // `width`: of the terminal; 0: lines may be of any length.
    RowWriter(std::ostream& out, Format format, std::vector<std::string> columns,
              std::size_t width = terminal_width());
    ~RowWriter();
    RowWriter(const RowWriter&) = delete;

    // As many cells as there are columns.
    void row(const std::vector<Cell>& cells);
    std::int64_t rows() const { return rows_; }
    // Writes what is kept to lay out the columns: before anything that is to stand behind the rows.
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
    std::vector<std::size_t> widths_;  // once they are known
    std::vector<bool> right_;          // numbers
    std::vector<Line> kept_;
    std::int64_t rows_ = 0;
};

}  // namespace sqlgrey::ctl
