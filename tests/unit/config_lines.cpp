// The first stage: what is a line, its name and value, and which of two lines counts.
#include "config_files.hpp"
#include "sqlgrey/config/lines.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey::config;
using config_test::load_text;
using config_test::problems;

namespace {
std::vector<SettingLine> lines_of(std::string_view text) {
    return read_lines(text, "x").lines;
}
}  // namespace

TEST_CASE("names and values are cut as SQLgrey 1.8 cuts them") {
    REQUIRE(lines_of("a = b\n") == std::vector<SettingLine>{{"a", "b", 1}});
    REQUIRE(lines_of("a=b") == std::vector<SettingLine>{{"a", "b", 1}});
    REQUIRE(lines_of(" \t a \t=\t b c \r\n") == std::vector<SettingLine>{{"a", "b c", 1}});
    REQUIRE(lines_of("a = b = c # d = e") == std::vector<SettingLine>{{"a", "b = c", 1}});
    REQUIRE(lines_of("a = \"b\"") == std::vector<SettingLine>{{"a", "\"b\"", 1}});
    REQUIRE(lines_of("a =\nb=# nothing\n") == std::vector<SettingLine>{{"a", "", 1}, {"b", "", 2}});
    REQUIRE(lines_of("a = pass#word") == std::vector<SettingLine>{{"a", "pass", 1}});
}

TEST_CASE("a # within a word is part of a password and of a data source, and nowhere else") {
    REQUIRE(lines_of("db_pass = sec#ret") == std::vector<SettingLine>{{"db_pass", "sec#ret", 1}});
    REQUIRE(lines_of("db_pass = a##b# c#d # e") == std::vector<SettingLine>{{"db_pass", "a##b# c#d", 1}});
    REQUIRE(lines_of("db_dsn = mysql://u:a#b@h/g") ==
            std::vector<SettingLine>{{"db_dsn", "mysql://u:a#b@h/g", 1}});
    REQUIRE(lines_of("#db_pass = sec#ret") == std::vector<SettingLine>{});
    const LoadedSettings loaded = load_text("db_pass = sec#ret\ndb_type = Pg\n");
    REQUIRE(loaded.settings.db_pass == "sec#ret");
    REQUIRE(problems(loaded).empty());
    REQUIRE(load_text("db_name = a#b\n").settings.db_name.ends_with("/a"));
}

TEST_CASE("whenever a cut-off comment may belong to the value, there is a warning") {
    const auto told = [](const std::string& line) {
        return problems(load_text("db_type = Pg\n" + line + "\n"));
    };
    const std::string password =
        "2: warning: db_pass: the # begins a comment; if it is part of the password, put the password into a "
        "db_pass_file, if not, put the comment into a line of its own\n";
    for (const char* line :
         {"db_pass = geheim # geheim", "db_pass = #geheim", "db_pass =#geheim", "db_pass = a\t#b"})
        REQUIRE(told(line) == password);
    REQUIRE(told("db_dsn = DBI:Pg:password=a #b").find("2: warning: db_dsn: the # begins a comment; ") == 0);
    REQUIRE(told("db_user = a#b") ==
            "2: warning: db_user: the # begins a comment, as in SQLgrey 1.8, and the value ends in front of "
            "it; put a "
            "blank in front of the # if that is meant\n");
    for (const char* line : {"db_user = a # b", "loglevel = 2#3", "db_pass = geheim", "db_pass =  # default",
                             "db_dsn = DBI:Pg:dbname=g  # here", "# db_pass = a # b"})
        REQUIRE(told(line).empty());
}

TEST_CASE("line numbers count every line, also empty ones and comments") {
    REQUIRE(lines_of("\n# c\n\r\n a=1\n   \nb=2") == std::vector<SettingLine>{{"a", "1", 4}, {"b", "2", 6}});
}

TEST_CASE("a byte order mark does not become part of the first name") {
    REQUIRE(lines_of("\xef\xbb\xbfloglevel = 3\n") == std::vector<SettingLine>{{"loglevel", "3", 1}});
    const LoadedSettings loaded = load_text("\xef\xbb\xbfloglevel = 3\n");
    REQUIRE(problems(loaded).empty());
    REQUIRE(loaded.settings.loglevel == 3);
}

TEST_CASE("a line that is not a setting gives a warning with its number and without its text") {
    const std::string expected =
        ": warning: the line is ignored: expected \"name = value\", or a # in front of a comment\n";
    REQUIRE(problems(load_text("loglevel = 1\nreconnect_delay 5\n")) == "2" + expected);
    REQUIRE(problems(load_text("[section]\n")) == "1" + expected);
    REQUIRE(problems(load_text("[a = b]\n")) == "1" + expected);
    REQUIRE(problems(load_text("; comment\n")) == "1" + expected);
    REQUIRE(problems(load_text("= 5\n")) == "1" + expected);
    REQUIRE(problems(load_text("my db_pass = geheim\n")) == "1" + expected);
    REQUIRE(load_text("db_pass geheim\n").usable());
}

TEST_CASE("a control character is an error, except in a comment") {
    const LoadedSettings loaded = load_text("user = a\x01z\n");
    REQUIRE(problems(loaded) ==
            "1: error: the line contains a control character; expected text, retype or delete the line\n");
    REQUIRE_FALSE(loaded.usable());
    REQUIRE(problems(load_text(std::string("user = a\0b\n", 11))).find("1: error: ") == 0);
    REQUIRE(problems(load_text("user = a # \x01\n")).empty());
}

TEST_CASE("the last of several lines for one parameter counts, and the warning names both") {
    const LoadedSettings loaded = load_text("loglevel = 1\n\nloglevel = 3\nloglevel = 4\n");
    REQUIRE(
        problems(loaded) ==
        "3: warning: loglevel is set in line 1 and again in line 3; the last one counts, delete the other\n"
        "4: warning: loglevel is set in line 3 and again in line 4; the last one counts, delete the other\n");
    REQUIRE(loaded.usable());
    REQUIRE(loaded.settings.loglevel == 4);
}

TEST_CASE("a value that is overruled is not looked at") {
    const LoadedSettings loaded = load_text("inet = <public_ip>:2501\ninet = 2502\n");
    REQUIRE(loaded.usable());
    REQUIRE(loaded.settings.inet == std::vector<std::string>{"2502"});
}

TEST_CASE("an unknown name warns, suggests the nearest one and does not show the value") {
    REQUIRE(
        problems(load_text("reconect_delay = 5\n")) ==
        "1: warning: \"reconect_delay\" is not a parameter and is ignored; did you mean reconnect_delay?\n");
    REQUIRE(problems(load_text("Loglevel = 3\n")) ==
            "1: warning: \"Loglevel\" is not a parameter and is ignored; did you mean loglevel?\n");
    REQUIRE(problems(load_text("db-host = a\n")) ==
            "1: warning: \"db-host\" is not a parameter and is ignored; did you mean db_host?\n");
    REQUIRE(problems(load_text("db_psas = geheim\n")) ==
            "1: warning: \"db_psas\" is not a parameter and is ignored; did you mean db_pass?\n");
    REQUIRE(
        problems(load_text("wholly_other = geheim\n")) ==
        "1: warning: \"wholly_other\" is not a parameter and is ignored; sqlgrey --help lists all names\n");
    REQUIRE(problems(load_text("x = 1\nx = 2\n")) ==
            "1: warning: \"x\" is not a parameter and is ignored; sqlgrey --help lists all names\n"
            "2: warning: \"x\" is not a parameter and is ignored; sqlgrey --help lists all names\n");
    REQUIRE(load_text("reconect_delay = 5\n").usable());
    REQUIRE(load_text(std::string(60'000, 'a') + " = 1\n").usable());
}
