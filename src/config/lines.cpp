// Cuts a file into settings, line by line, as SQLgrey 1.8 does.
#include "sqlgrey/config/lines.hpp"

#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/parameters.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <map>

namespace sqlgrey::config {
namespace {

bool is_name(std::string_view text) {
    const auto fits = [](char c) {
        return base::is_letter(c) || base::is_digit(c) || c == '_' || c == '-' || c == '.';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

bool is_blank(std::string_view text, std::size_t at) {
    return at >= text.size() || base::trimmed(text.substr(at, 1)).empty();
}

// Where the comment in a value begins. In a value that may be or contain a password, a # inside a word most
// likely belongs to it.
std::size_t comment_in(std::string_view value, bool has_password) {
    std::size_t mark = value.find('#');
    if (!has_password) return mark;
    while (mark != std::string_view::npos && mark > 0 && !is_blank(value, mark - 1))
        mark = value.find('#', mark + 1);
    return mark;
}

// A # with a blank after it, and nothing or two blanks before it, as print_config() writes it: not part of a
// password.
bool is_plainly_comment(std::string_view value, std::size_t mark) {
    const bool apart = mark == 0 || (mark > 1 && is_blank(value, mark - 1) && is_blank(value, mark - 2));
    return apart && is_blank(value, mark + 1);
}

// Whenever what is cut off may belong to the value, a warning says so.
std::string about_comment(const Parameter& row, std::string_view value, std::size_t mark) {
    if (mark == std::string_view::npos || is_plainly_comment(value, mark)) return {};
    const std::string name{row.name};
    if (row.type == Type::secret)
        return name +
               ": the # begins a comment; if it is part of the password, put the password into a "
               "db_pass_file, if not, put the comment into a line of its own";
    if (row.type == Type::dsn)
        return name +
               ": the # begins a comment; if it is part of a value, write it without a blank in front, in a "
               "URI as %23, if not, put the comment into a line of its own";
    const bool within_a_word = mark > 0 && !is_blank(value, mark - 1);
    if (!within_a_word || (row.type != Type::text && row.type != Type::path)) return {};
    return name +
           ": the # begins a comment, as in SQLgrey 1.8, and the value ends in front of it; put a blank in "
           "front of the # if that is meant";
}

void read_line(std::string_view text, int number, const std::string& file, SettingLines& out) {
    using Kind = SettingsProblem::Kind;
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string_view name = base::trimmed(text.substr(0, std::min(equals, text.find('#'))));
    std::string_view value = base::trimmed(text.substr(std::min(equals + 1, text.size())));
    const bool is_setting = equals < std::min(text.find('#'), text.size());
    if (name.empty() && !is_setting) return;
    const Parameter* row = is_setting ? parameter(name) : nullptr;
    const std::size_t mark = comment_in(value, row && (row->type == Type::secret || row->type == Type::dsn));
    const std::string warning = row ? about_comment(*row, value, mark) : "";
    value = base::trimmed(value.substr(0, mark));
    if (has_control_character(name) || (is_setting && has_control_character(value))) {
        out.problems.push_back(
            {Kind::error, file, number,
             "the line contains a control character; expected text, retype or delete the line"});
        return;
    }
    if (!is_setting || !is_name(name)) {
        out.problems.push_back(
            {Kind::warning, file, number,
             "the line is ignored: expected \"name = value\", or a # in front of a comment"});
        return;
    }
    if (!warning.empty()) out.problems.push_back({Kind::warning, file, number, warning});
    out.lines.push_back({std::string{name}, std::string{value}, number});
}

}  // namespace

SettingLines read_lines(std::string_view text, const std::string& file) {
    SettingLines out;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        read_line(base::trimmed(text.substr(0, end)), number, file, out);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::vector<SettingLine> last_wins(const std::vector<SettingLine>& lines, const std::string& file,
                                   std::vector<SettingsProblem>& problems) {
    std::vector<SettingLine> out;
    std::map<std::string, std::size_t> seen;
    for (const SettingLine& line : lines) {
        const auto [earlier, is_new] = seen.emplace(line.name, out.size());
        if (is_new || !parameter(line.name)) {
            out.push_back(line);
            continue;
        }
        problems.push_back({SettingsProblem::Kind::warning, file, line.number,
                            line.name + " is set in line " + std::to_string(out[earlier->second].number) +
                                " and again in line " + std::to_string(line.number) +
                                "; the last one counts, delete the other"});
        out[earlier->second] = line;
    }
    return out;
}

}  // namespace sqlgrey::config
