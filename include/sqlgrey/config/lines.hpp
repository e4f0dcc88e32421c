// The front stage of reading sqlgrey.conf: what SQLgrey 1.8 takes for "name = value" in a file,
// with the line it stands in.
//
// '#' starts a comment anywhere, blanks around name and value do not count, the value begins behind
// the first '='. A byte order mark and CRLF line ends are survived. Nothing in a line is quoted.
// Other than there, a '#' directly behind another character is part of a password or data source.
#pragma once

#include "sqlgrey/config/load.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sqlgrey::config {

struct SettingLine {
    std::string name;   // letters, digits, '_', '-', '.'
    std::string value;  // may be empty
    int number = 0;     // from 1
    bool operator==(const SettingLine&) const = default;
};

struct SettingLines {
    std::vector<SettingLine> lines;  // in the order of the file
    std::vector<SettingsProblem> problems;
};

// A line that is no setting is a warning (SQLgrey 1.8 skips it), a control character in one an error. A
// comment that may have been meant as part of the value is a warning. The text of such a line is never
// repeated: it may hold a password.
SettingLines read_lines(std::string_view text, const std::string& file);

// Of several lines with one name the last counts; each that is overruled gets a warning.
// Names that no parameter has are left alone.
std::vector<SettingLine> last_wins(const std::vector<SettingLine>& lines, const std::string& file,
                                   std::vector<SettingsProblem>& problems);

}  // namespace sqlgrey::config
