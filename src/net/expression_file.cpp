#include "expression_file.hpp"

#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/file.hpp"

#include <cerrno>
#include <vector>

namespace sqlgrey::net {
namespace {

constexpr std::size_t max_file = std::size_t{64} * 1024;

struct Line {
    std::size_t number = 0;
    std::string text;
};

std::vector<Line> lines_that_say_something(std::string_view text) {
    std::vector<Line> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t line_end = text.find('\n');
        std::string_view line = text.substr(0, line_end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.find_first_not_of(" \t") != std::string_view::npos)
            lines.push_back({number, std::string(line)});
        text.remove_prefix(line_end == std::string_view::npos ? text.size() : line_end + 1);
    }
    return lines;
}

}  // namespace

ExpressionFile read_expression(const std::string& path) {
    const auto text = base::read_regular_file(path, max_file);
    if (!text) throw base::FileError(base::with_errno(path, ENOENT));
    const std::vector<Line> lines = lines_that_say_something(text->text);
    if (lines.empty()) return {};
    ExpressionFile file;
    const std::string place = path + ":" + std::to_string(lines.back().number) + ": ";
    if (lines.size() > 1)
        file.warning = place + "this last one of " + std::to_string(lines.size()) +
                       " lines counts; the file holds one expression and no comments";
    try {
        file.pattern = Pattern(lines.back().text, LetterCase::ignored);
    } catch (const BadPattern& bad) {
        throw base::FileError(place + bad.what());
    }
    return file;
}

}  // namespace sqlgrey::net
