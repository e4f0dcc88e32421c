// Cuts a file into settings, line by line, as SQLgrey 1.8 does.
#include "sqlgrey/config/lines.hpp"

#include "sqlgrey/config/parameters.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <map>

namespace sqlgrey::config {
namespace {

bool is_name(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

// The line without comment, line end and blanks at both ends.
std::string_view bare(std::string_view line) {
    return trimmed(line.substr(0, line.find('#')));
}

void read_line(std::string_view text, int number, const std::string& file, Lines& out) {
    using Kind = Problem::Kind;
    if (text.empty()) return;
    if (has_control_character(text)) {
        out.problems.push_back(
            {Kind::error, file, number,
             "the line holds a control character; expected text, retype or delete the line"});
        return;
    }
    const std::size_t equals = text.find('=');
    const std::string_view name = trimmed(text.substr(0, equals));
    if (equals == std::string_view::npos || !is_name(name)) {
        out.problems.push_back(
            {Kind::warning, file, number,
             "the line is ignored: expected \"name = value\", or a # in front of a comment"});
        return;
    }
    out.lines.push_back({std::string{name}, std::string{trimmed(text.substr(equals + 1))}, number});
}

}  // namespace

Lines read_lines(std::string_view text, const std::string& file) {
    Lines out;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        read_line(bare(text.substr(0, end)), number, file, out);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::vector<Line> last_wins(const std::vector<Line>& lines, const std::string& file,
                            std::vector<Problem>& problems) {
    std::vector<Line> out;
    std::map<std::string, std::size_t> seen;
    for (const Line& line : lines) {
        const auto [earlier, is_new] = seen.emplace(line.name, out.size());
        if (is_new || !parameter(line.name)) {
            out.push_back(line);
            continue;
        }
        problems.push_back({Problem::Kind::warning, file, line.number,
                            line.name + " is set in line " + std::to_string(out[earlier->second].number) +
                                " and again in line " + std::to_string(line.number) +
                                "; the last one counts, delete the other"});
        out[earlier->second] = line;
    }
    return out;
}

}  // namespace sqlgrey::config
