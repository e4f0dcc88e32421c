// ASCII, blanks, and joining texts.
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/base/text.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace sqlgrey::base;

TEST_CASE("letters and digits are those of ASCII") {
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        CHECK(is_digit(c) == (byte >= '0' && byte <= '9'));
        CHECK(is_lower(c) == (byte >= 'a' && byte <= 'z'));
        CHECK(is_letter(c) == ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')));
        CHECK((ascii_lower(c) == c) == !(byte >= 'A' && byte <= 'Z'));
    }
}

TEST_CASE("only the letters of ASCII become lower case") {
    CHECK(ascii_lower("AbZ@[`{09") == "abz@[`{09");
    CHECK(ascii_lower("J\xc3\x84GER") == "j\xc3\x84ger");
    CHECK(ascii_lower("") == "");
}

TEST_CASE("blanks at both ends go, those within stay") {
    CHECK(trimmed(" \t a b \r\n\v\f") == "a b");
    CHECK(trimmed("a") == "a");
    CHECK(trimmed(" \n") == "");
    CHECK(trimmed("") == "");
}

TEST_CASE("the characters to trim can be given") {
    CHECK(trimmed("\n a\t", " \t") == "\n a");
}

TEST_CASE("parts are joined with a text between two of them") {
    CHECK(joined(std::vector<std::string>{"a", "", "c"}, ", ") == "a, , c");
    CHECK(joined(std::vector<std::string_view>{"a"}, ",") == "a");
    CHECK(joined(std::vector<std::string>{}, ",") == "");
}
