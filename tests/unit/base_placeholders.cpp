#include "sqlgrey/base/placeholders.hpp"

#include <catch2/catch.hpp>

using sqlgrey::base::filled;
using sqlgrey::base::has_placeholder;
using sqlgrey::base::unknown_placeholder;

namespace {

std::string in_brackets(std::string_view line) {
    return filled(line, [](char letter) { return std::string{"<"} + letter + '>'; });
}

}  // namespace

TEST_CASE("every occurrence of a placeholder is replaced") {
    CHECK(in_brackets("") == "");
    CHECK(in_brackets("nothing") == "nothing");
    CHECK(in_brackets("%a") == "<a>");
    CHECK(in_brackets("a %a b %a%b.") == "a <a> b <a><b>.");
}

TEST_CASE("two percent signs are one, and one at the end stays") {
    CHECK(in_brackets("100%%") == "100%");
    CHECK(in_brackets("%%a") == "%a");
    CHECK(in_brackets("%%%a") == "%<a>");
    CHECK(in_brackets("%%%%") == "%%");
    CHECK(in_brackets("100%") == "100%");
    CHECK(in_brackets("%%%") == "%%");
}

TEST_CASE("a percent sign in a value is literal") {
    CHECK(filled("%a%a", [](char) { return std::string{"%a%"}; }) == "%a%%a%");
}

TEST_CASE("a placeholder of an unknown letter is found anywhere") {
    CHECK_FALSE(unknown_placeholder("", "ab"));
    CHECK_FALSE(unknown_placeholder("%a %b %% %%c 100%%", "ab"));
    CHECK(unknown_placeholder("%a %c %d", "ab") == "%c");
    CHECK(unknown_placeholder("%A", "ab") == "%A");
    CHECK(unknown_placeholder("% a", "ab") == "% ");
    CHECK(unknown_placeholder("100%", "ab") == "%");
    CHECK(unknown_placeholder("%%%", "ab") == "%");
    CHECK(unknown_placeholder("%%%c", "ab") == "%c");
    CHECK(unknown_placeholder("%a", "") == "%a");
}

TEST_CASE("a percent sign in front of a placeholder makes it literal") {
    CHECK(has_placeholder("x %t", 't'));
    CHECK(has_placeholder("%%%t", 't'));
    CHECK_FALSE(has_placeholder("%%t", 't'));
    CHECK_FALSE(has_placeholder("t %x", 't'));
    CHECK_FALSE(has_placeholder("%", 't'));
    CHECK_FALSE(has_placeholder("", 't'));
}
