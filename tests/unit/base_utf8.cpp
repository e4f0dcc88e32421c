#include "sqlgrey/base/control_character.hpp"
#include "sqlgrey/base/utf8.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace std::string_literals;
using sqlgrey::base::is_control;
using sqlgrey::base::printable_ascii_run;
using sqlgrey::base::utf8_sequence;

TEST_CASE("the length of a UTF-8 character is that of a valid sequence") {
    CHECK(utf8_sequence("a") == 1);
    CHECK(utf8_sequence("\0"s) == 1);
    CHECK(utf8_sequence("\x7f") == 1);
    CHECK(utf8_sequence("\xc2\x80") == 2);
    CHECK(utf8_sequence("\xdf\xbfrest") == 2);
    CHECK(utf8_sequence("\xe0\xa0\x80") == 3);
    CHECK(utf8_sequence("\xed\x9f\xbf") == 3);
    CHECK(utf8_sequence("\xee\x80\x80") == 3);
    CHECK(utf8_sequence("\xf0\x90\x80\x80") == 4);
    CHECK(utf8_sequence("\xf4\x8f\xbf\xbf") == 4);
}

TEST_CASE("what is not UTF-8 has no length") {
    const auto bad =
        GENERATE(as<std::string>{}, "", "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41",
                 "\xe0\x9f\xbf", "\xe2\x82", "\xe2\x28\xa1", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                 "\xf0\x9f\x92", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff");
    CAPTURE(bad);
    CHECK(utf8_sequence(bad) == 0);
}

TEST_CASE("a run of printable ASCII ends where anything else begins") {
    CHECK(printable_ascii_run("") == 0);
    CHECK(printable_ascii_run(" ~") == 2);
    const auto other = GENERATE(as<std::string>{}, "\0"s, "\n", "\x1f", "\x7f", "\x80", "\xc3\xbc", "\xff");
    CHECK(printable_ascii_run(other) == 0);
    CHECK(printable_ascii_run("a line, with " + other + " in it") == 13);
}

TEST_CASE("C0, DEL and C1 are control characters, neighbouring characters are not") {
    CHECK(is_control("\0"s));
    CHECK(is_control("\x1f"));
    CHECK_FALSE(is_control(" "));
    CHECK_FALSE(is_control("~"));
    CHECK(is_control("\x7f"));
    CHECK(is_control("\xc2\x80"));
    CHECK(is_control("\xc2\x9f"));
    CHECK_FALSE(is_control("\xc2\xa0"));
    CHECK_FALSE(is_control("\xc3\x80"));
    CHECK_FALSE(is_control("\xe2\x80\xa8"));
    CHECK_FALSE(is_control(""));
}
