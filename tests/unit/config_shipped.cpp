// The shipped conf/sqlgrey.conf and manual pages agree with the table, and the file of SQLgrey 1.8 as Debian
// installs it can be read.
#include "config_files.hpp"
#include "sqlgrey/base/text.hpp"
#include "sqlgrey/config/parameters.hpp"
#include "sqlgrey/config/values.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

using namespace sqlgrey::config;
using config_test::contents;
using config_test::load_text;
using config_test::problems;

namespace {

const std::string sample = std::string{SOURCE_DIR} + "/conf/sqlgrey.conf";
const std::string perl_sample = "/etc/sqlgrey/sqlgrey.conf";

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::string text_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    return text;
}

// True for "name = ...", with a name of small letters and digits.
bool is_setting(const std::string& line) {
    const std::size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789");
    const std::size_t equals = end == std::string::npos ? end : line.find_first_not_of(" \t", end);
    return end != 0 && equals != std::string::npos && line[equals] == '=';
}

// The line without the '#' in front, if what follows is a setting.
std::string uncommented(const std::string& line) {
    if (!line.starts_with('#')) return line;
    const std::string rest{sqlgrey::base::trimmed(line.substr(1))};
    return is_setting(rest) ? rest : line;
}

// The line without any '#' at its beginning, whatever follows.
std::string bared(const std::string& line) {
    const std::size_t start = line.find_first_not_of('#');
    return start == std::string::npos ? "" : line.substr(start);
}

std::string with_all_uncommented(const std::string& text) {
    std::vector<std::string> lines = lines_of(text);
    std::transform(lines.begin(), lines.end(), lines.begin(), uncommented);
    return text_of(lines);
}

std::string with_all_bared(const std::string& text) {
    std::vector<std::string> lines = lines_of(text);
    std::transform(lines.begin(), lines.end(), lines.begin(), bared);
    return text_of(lines);
}

// The text in one line; the comment sign in front of a line and repeated blanks are gone.
std::string in_one_line(const std::string& text) {
    std::string out;
    for (const std::string& line : lines_of(text)) {
        std::istringstream words{line.starts_with("# ") ? line.substr(2) : line};
        for (std::string word; words >> word;) out += ' ' + word;
    }
    return out;
}

// A manual page without its macros and escapes.
std::string without_roff(const std::string& page) {
    std::string out;
    for (std::string line : lines_of(page)) {
        if (line.starts_with('.')) line.erase(0, std::min(line.find(' '), line.size() - 1) + 1);
        for (const auto& [escape, text] : {std::pair{"\\-", "-"},
                                           {"\\e", "\\"},
                                           {"\\(aq", "'"},
                                           {"\\&", ""},
                                           {"\\fB", ""},
                                           {"\\fI", ""},
                                           {"\\fR", ""}})
            for (std::size_t at; (at = line.find(escape)) != std::string::npos;)
                line.replace(at, std::string_view{escape}.size(), text);
        out += line + '\n';
    }
    return out;
}

std::string setting_line(const Parameter& row) {
    std::string line = std::string{row.name} + " =";
    if (!row.default_text.empty()) line += " " + std::string{row.default_text};
    return line;
}

// Here the sample file differs from the default, which is for settings older than the parameter.
const std::string shipped_otherwise = "pools = on";

}  // namespace

TEST_CASE("the sample file has every parameter with its default, in the order of the table, and no other") {
    std::vector<std::string> found;
    for (const std::string& line : lines_of(contents(sample))) {
        if (uncommented(line) != line || is_setting(line)) found.push_back(line);
    }
    std::vector<std::string> expected;
    for (const Parameter& row : parameters())
        expected.push_back(row.name == "pools" ? shipped_otherwise : "# " + setting_line(row));
    REQUIRE(found == expected);
}

TEST_CASE("the sample file says what each parameter does, its range, and whether it has no effect") {
    const std::string text = in_one_line(contents(sample));
    for (const Parameter& row : parameters()) {
        INFO(row.name);
        REQUIRE(text.find(std::string{row.sentence}) != std::string::npos);
        REQUIRE(text.find(row.range) != std::string::npos);
        REQUIRE(text.find(std::string{row.note}) != std::string::npos);
        REQUIRE(text.find("## " + std::string{row.section}) != std::string::npos);
    }
}

TEST_CASE("the sample file is read without a warning, unchanged and with every line uncommented") {
    const LoadedSettings as_it_is = load(sample, true, {});
    REQUIRE(problems(as_it_is).empty());
    const std::string all = with_all_uncommented(contents(sample));
    REQUIRE(all.find("\nreconnect_delay = 5\n") != std::string::npos);
    const LoadedSettings uncommented_file = load_text(all);
    REQUIRE(problems(uncommented_file).empty());
    REQUIRE(uncommented_file.settings == as_it_is.settings);
    REQUIRE(as_it_is.settings == load_text(shipped_otherwise).settings);
}

TEST_CASE("sqlgrey.conf(5) has every parameter with default, sentence, range and note, and no other") {
    const std::string page = without_roff(contents(std::string{SOURCE_DIR} + "/conf/man/sqlgrey.conf.5"));
    const std::string text = in_one_line(page);
    std::set<std::string> known{"name = value."};  // the form of a line
    for (const Parameter& row : parameters()) {
        INFO(row.name);
        known.insert(setting_line(row));
        REQUIRE(text.find(" " + setting_line(row) + " " + std::string{row.sentence}) != std::string::npos);
        REQUIRE(text.find(row.range) != std::string::npos);
        REQUIRE(text.find(std::string{row.note}) != std::string::npos);
    }
    for (const std::string& line : lines_of(contents(std::string{SOURCE_DIR} + "/conf/man/sqlgrey.conf.5"))) {
        const std::string setting = without_roff(line.starts_with(".B ") ? line : "");
        if (!is_setting(setting)) continue;
        INFO(line);
        REQUIRE(known.contains(std::string{sqlgrey::base::trimmed(setting)}));
    }
}

TEST_CASE("the unmodified sqlgrey.conf of Debian's sqlgrey 1.8 is read without a warning") {
    const LoadedSettings loaded = load(perl_sample, true, {});
    REQUIRE(problems(loaded).empty());
    REQUIRE(loaded.settings == load_text("").settings);
}

TEST_CASE(
    "the sqlgrey.conf of Debian's sqlgrey 1.8 has no error with every setting, or every line, uncommented") {
    const std::string text = contents(perl_sample);
    for (const std::string& all : {with_all_uncommented(text), with_all_bared(text)}) {
        const LoadedSettings loaded = load_text(all);
        INFO(problems(loaded));
        REQUIRE(loaded.usable());
        REQUIRE(loaded.settings.inet == std::vector<std::string>{"2501"});
        REQUIRE(loaded.settings.unix_path == "/path/to/socket");
        REQUIRE(loaded.settings.reject_code == "dunno");
        REQUIRE(loaded.settings.db_type == Database::mysql);
        REQUIRE(loaded.settings.db_port == 3306);
        REQUIRE(loaded.settings.group_domain_level == 10);
    }
}

TEST_CASE("each setting of that file alone is accepted, but for the placeholder of an address") {
    const std::vector<std::string> lines = lines_of(contents(perl_sample));
    std::vector<std::string> refused;
    int settings = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (uncommented(lines[i]) == lines[i]) continue;
        ++settings;
        std::vector<std::string> one = lines;
        one[i] = uncommented(lines[i]);
        const LoadedSettings loaded = load_text(text_of(one));
        INFO(problems(loaded));
        for (const SettingsProblem& problem : loaded.problems) {
            REQUIRE(problem.line == static_cast<int>(i) + 1);
            REQUIRE(problem.text.find("is not a parameter") == std::string::npos);
        }
        if (!loaded.usable()) refused.push_back(one[i]);
    }
    REQUIRE(settings >= 40);
    REQUIRE(refused == std::vector<std::string>{"inet = <public_ip>:2501"});
}
