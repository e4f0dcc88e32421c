// The first stage of reading sqlgrey.conf: lines of the form "name = value", as SQLgrey 1.8 reads them, with
// their line numbers.
//
// '#' starts a comment anywhere, blanks around name and value are ignored, and the value begins after the
// first '='. A byte order mark and CRLF line ends are accepted. There is no quoting. Unlike in SQLgrey 1.8,
// in a password or data source a '#' directly after another character belongs to the value.
#pragma once

#include "sqlgrey/config/load.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::config {

// One line "name = value".
struct SettingLine {
    std::string name;   // letters, digits, '_', '-', '.'
    std::string value;  // may be empty
    int number = 0;     // from 1
    bool operator==(const SettingLine&) const = default;
};

// The settings of a file, and the problems of its other lines.
struct SettingLines {
    std::vector<SettingLine> lines;  // in the order of the file
    std::vector<SettingsProblem> problems;
};

// A line that is not a setting gives a warning (SQLgrey 1.8 skips it), a control character an error, and a
// comment that may have been meant as part of the value a warning. None of them quotes the line, because it
// may contain a password.
SettingLines read_lines(std::string_view text, const std::string& file);

// Of several lines with the same name the last one counts; each of the others gives a warning. Unknown names
// are kept.
std::vector<SettingLine> last_wins(const std::vector<SettingLine>& lines, const std::string& file,
                                   std::vector<SettingsProblem>& problems);

}  // namespace sqlgrey::config
