// Reads sqlgrey.conf in steps: bytes, lines, known names (Boost.Program_options), values, and what depends on
// several of them.
#include "sqlgrey/config/load.hpp"

#include "former_values.hpp"
#include "nearest.hpp"
#include "reading.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/error.hpp"
#include "sqlgrey/base/file.hpp"
#include "sqlgrey/base/unique_fd.hpp"
#include "sqlgrey/config/dsn.hpp"
#include "sqlgrey/config/lines.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqlgrey::config {
namespace {

namespace po = boost::program_options;

constexpr std::size_t largest_file = std::size_t{1024} * 1024;
constexpr std::size_t longest_shown_value = 200;

// The bytes of the file; nothing, with errno, on failure (EFBIG for a file too large to be a configuration).
std::optional<std::string> read_file(const std::string& path, bool& others_can_read) {
    const base::unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd) return std::nullopt;
    struct stat status {};
    others_can_read = ::fstat(fd.get(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
    return base::read_all(fd.get(), largest_file);
}

std::string unknown_name(const std::string& name) {
    const std::string_view meant = nearest_parameter(name);
    const std::string advice =
        meant.empty() ? "; sqlgrey --help lists all names" : "; did you mean " + std::string{meant} + "?";
    return '"' + log::escape(name.substr(0, longest_shown_value)) + "\" is not a parameter and is ignored" +
           advice;
}

// Each line of the cleaned text gives one option, in the same order: that is how an option finds its line.
void sort_out_names(Reading& reading, const std::vector<SettingLine>& lines) {
    po::options_description known;
    for (const Parameter& row : parameters()) {
        known.add_options()(std::string{row.name}.c_str(), po::value<std::string>());
    }
    std::stringstream cleaned;
    for (const SettingLine& line : lines) cleaned << line.name << " = " << line.value << '\n';
    const auto options = po::parse_config_file(cleaned, known, true).options;
    if (options.size() != lines.size())
        throw std::logic_error("a line of the cleaned configuration was lost");
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const po::option& option = options[i];
        if (option.unregistered) {
            reading.warning(lines[i].number, unknown_name(option.string_key));
        } else {
            // Not the option's value: Boost also takes a # for the start of a comment.
            reading.given[option.string_key] = {lines[i].value, lines[i].number};
        }
    }
}

void read_text(Reading& reading, bool must_exist) {
    errno = 0;
    const auto text = read_file(reading.file, reading.others_can_read);
    if (!text && errno == ENOENT && !must_exist) {
        reading.warning(0, "there is no such file; every parameter has its default");
        return;
    }
    if (!text) {
        const std::string cannot = "the configuration cannot be read";
        reading.error(0, base::with_errno(cannot, errno) + "; create it or correct its permissions");
        return;
    }
    SettingLines read = read_lines(*text, reading.file);
    reading.out.problems = std::move(read.problems);
    sort_out_names(reading, last_wins(read.lines, reading.file, reading.out.problems));
}

std::string bad_value(const Parameter& row, std::string_view value, const std::string& expected) {
    const bool may_be_secret = row.type == Type::secret || row.type == Type::dsn || is_data_source(value);
    if (may_be_secret) return std::string{row.name} + " (value not shown): " + expected;
    return std::string{row.name} + " = " + log::escape(value.substr(0, longest_shown_value)) + ": " +
           expected;
}

std::string or_default(const Parameter& row) {
    return "; correct the line, or delete it to have the default (" +
           (row.default_text.empty() ? "none" : std::string{row.default_text}) + ")";
}

// It may contain a password, which would be shown.
bool is_misplaced_data_source(const Parameter& row, std::string_view value) {
    return row.type != Type::secret && row.type != Type::dsn && is_data_source(value);
}

bool is_default(const Parameter& row, std::string_view value) {
    if (row.type == Type::flag) return read_flag(value) == read_flag(row.default_text);
    return base::ascii_lower(value) == base::ascii_lower(row.default_text);
}

InForce shown_value(const Reading& reading, const Parameter& row, const Given& given) {
    InForce shown{std::string{row.name}, given.value, reading.origin(given), false};
    if (given.value.empty()) return shown;
    if (row.type == Type::path) shown.value = reading.absolute(given.value);
    if (row.type == Type::dsn) {
        shown.value = masked_dsn(given.value);
        shown.hidden = shown.value != given.value;
    }
    if (row.type == Type::secret) {
        shown.value = not_shown;
        shown.hidden = true;
    }
    return shown;
}

InForce default_value(Reading& reading, const Parameter& row) {
    row.set(reading.out.settings, row.default_text);
    return {std::string{row.name}, std::string{row.default_text}, "default", false};
}

void warn_of_value(Reading& reading, const Parameter& row, const Given& given) {
    if (!row.note.empty() && !is_default(row, given.value))
        reading.warning(given.line, std::string{row.name} + " has no effect: " + std::string{row.note});
    if (std::string otherwise = changed_meaning(row, given.value); !otherwise.empty())
        reading.warning(given.line, std::move(otherwise));
}

// For a value that the row refuses: the value that SQLgrey 1.8 took it for; otherwise an error and the
// default.
InForce replaced_value(Reading& reading, const Parameter& row, const Given& given,
                       const std::string& expected) {
    const std::string bad = bad_value(row, given.value, expected);
    const auto former =
        is_misplaced_data_source(row, given.value) ? std::nullopt : former_value(reading, row, given.value);
    if (former && !former->is_unused) {
        reading.warning(given.line, bad + "; " + former->why);
        row.set(reading.out.settings, former->value);
        return {std::string{row.name}, former->value, reading.origin(given), false};
    }
    if (former)
        reading.warning(given.line, bad + "; " + former->why);
    else
        reading.error(given.line, bad + or_default(row));
    reading.refused.insert(std::string{row.name});
    return default_value(reading, row);
}

// The value from the file; the default if it is missing or invalid.
InForce set_parameter(Reading& reading, const Parameter& row) {
    const auto found = reading.given.find(row.name);
    if (found == reading.given.end()) return default_value(reading, row);
    const Given& given = found->second;
    try {
        if (is_misplaced_data_source(row, given.value))
            throw std::invalid_argument("expected no data source, which belongs into db_dsn");
        row.set(reading.out.settings, given.value);
    } catch (const std::invalid_argument& error) {
        return replaced_value(reading, row, given, error.what());
    }
    warn_of_value(reading, row, given);
    return shown_value(reading, row, given);
}

void take_from_command_line(Reading& reading, const Overrides& overrides) {
    if (overrides.pidfile.empty()) return;
    reading.out.settings.pidfile = reading.absolute(overrides.pidfile);
    reading.in_force("pidfile") = {"pidfile", reading.out.settings.pidfile, "command line", false};
}

// In the order of the file, so that an administrator can go through it once.
void sort_by_line(std::vector<SettingsProblem>& problems) {
    std::stable_sort(problems.begin(), problems.end(),
                     [](const SettingsProblem& a, const SettingsProblem& b) { return a.line < b.line; });
}

}  // namespace

std::string shown(const SettingsProblem& problem) {
    std::string text;
    if (!problem.file.empty()) {
        text = log::escape(problem.file) + ':';
        if (problem.line > 0) text += std::to_string(problem.line) + ':';
        text += ' ';
    }
    text += problem.is_error() ? "error: " : "warning: ";
    return text + problem.text;
}

bool LoadedSettings::usable() const {
    return std::ranges::none_of(problems, &SettingsProblem::is_error);
}

bool LoadedSettings::is_default(std::string_view name) const {
    const auto row = std::ranges::find(in_force, name, &InForce::name);
    return row == in_force.end() || row->origin == "default";
}

LoadedSettings load(const std::string& path, bool must_exist, const Overrides& overrides) {
    Reading reading;
    reading.file = path;
    reading.directory = overrides.directory;
    read_text(reading, must_exist);
    for (const Parameter& row : parameters()) {
        reading.out.in_force.push_back(set_parameter(reading, row));
    }
    combine_settings(reading);
    take_from_command_line(reading, overrides);
    sort_by_line(reading.out.problems);
    return std::move(reading.out);
}

}  // namespace sqlgrey::config
