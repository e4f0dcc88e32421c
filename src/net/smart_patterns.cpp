// Reads the two pattern files of the smart method.
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/file.hpp"
#include "sqlgrey/net/identity.hpp"

#include <cerrno>
#include <exception>

namespace sqlgrey::net {
namespace {

constexpr std::size_t max_file = std::size_t{64} * 1024;
using Problems = std::vector<base::Problem>;

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

std::optional<Pattern> read(const std::string& path, Problems& problems) {
    const auto file = base::read_regular_file(path, max_file);
    if (!file) throw base::FileError(base::with_errno(path, ENOENT));
    const std::vector<Line> lines = lines_that_say_something(file->text);
    if (lines.empty()) return std::nullopt;
    const std::string place = path + ":" + std::to_string(lines.back().number) + ": ";
    if (lines.size() > 1) {
        problems.push_back({false, place + "only this last one of " + std::to_string(lines.size()) +
                                       " lines is used; the file must hold one expression and no comments"});
    }
    try {
        return Pattern(lines.back().text, LetterCase::ignored);
    } catch (const BadPattern& bad) {
        throw base::FileError(place + bad.what());
    }
}

std::optional<Pattern> read_or_match_all(const std::string& path, Problems& problems) {
    try {
        return read(path, problems);
    } catch (const std::exception& e) {
        problems.push_back(
            {true, std::string(e.what()) + "; until this is corrected, every client name matches"});
        return Pattern(".", LetterCase::ignored);
    }
}

}  // namespace

SmartPatternFiles read_smart_patterns(const std::string& conf_dir) {
    SmartPatternFiles files;
    files.patterns.smtp_server = read_or_match_all(conf_dir + "/smtp_server.regexp", files.problems);
    files.patterns.dyn_fqdn = read_or_match_all(conf_dir + "/dyn_fqdn.regexp", files.problems);
    return files;
}

}  // namespace sqlgrey::net
