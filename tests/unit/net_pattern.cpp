#include "sqlgrey/net/pattern.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey::net;
using namespace std::string_literals;

namespace {

bool found(const std::string& expression, std::string_view text,
           LetterCase letter_case = LetterCase::matters) {
    return Pattern(expression, letter_case).found_in(text);
}

}  // namespace

TEST_CASE("a pattern is searched anywhere in the text") {
    CHECK(found("smtp[0-9]+\\.", "out-smtp3.example.org"));
    CHECK_FALSE(found("^smtp[0-9]+\\.", "out-smtp3.example.org"));
    CHECK(found("\\.org$", "a.org"));
    CHECK_FALSE(found("\\.org$", "a.org.uk"));
    CHECK(found("", ""));
    CHECK(found(".", "a"));
    CHECK_FALSE(found(".", ""));
}

TEST_CASE("letter case matters or not, as asked") {
    CHECK_FALSE(found("mail", "MAIL.example.org"));
    CHECK(found("mail", "MAIL.example.org", LetterCase::ignored));
    CHECK(found("MAIL", "mail.example.org", LetterCase::ignored));
    CHECK_FALSE(found("(?=mail)mail", "MAIL.example.org"));
    CHECK(found("(?=mail)mail", "MAIL.example.org", LetterCase::ignored));
}

TEST_CASE("expressions that only PCRE2 supports work") {
    CHECK(found("^(?!mail)", "host.example.org"));
    CHECK_FALSE(found("^(?!mail)", "mail.example.org"));
    CHECK(found("(?<=[.-])pool", "a-pool"));
    CHECK(found("([a-z])\\1", "booth"));
    CHECK_FALSE(found("([a-z])\\1", "both"));
    CHECK(found("a++b", "aab"));
    CHECK(found("(?<digit>[0-9])x", "1x"));
}

TEST_CASE("an invalid expression is reported with the mistake and its position") {
    CHECK_THROWS_AS(Pattern("(", LetterCase::matters), BadPattern);
    CHECK_THROWS_AS(Pattern("[a", LetterCase::ignored), BadPattern);
    CHECK_THROWS_AS(Pattern("*a", LetterCase::matters), BadPattern);
    CHECK_THROWS_WITH(Pattern("ab(c", LetterCase::matters),
                      Catch::Matchers::Contains("parenthes") && Catch::Matchers::EndsWith("at byte 4"));
}

TEST_CASE("any bytes may be searched, UTF-8 or not") {
    const auto text =
        GENERATE(as<std::string>{}, "\xff\xfe.pool.", "\xc3.pool.", "a\0.pool."s, "\xf0\x9f\x93\xa7.pool.");
    CHECK(found("[.]pool[.]", text));
    CHECK(found("(?<![a-z])pool[.]", text));
    CHECK_FALSE(found("^pool", text));
    CHECK_FALSE(found("(?<=x)pool", text));
}

TEST_CASE("a pattern sees bytes") {
    CHECK(found("^..$", "\xc3\xbc"));
    CHECK(found("J\xc3\xbcrgen", "xJ\xc3\xbcrgen"));
    CHECK(found("(?=J)J\xc3\xbcrgen", "xJ\xc3\xbcrgen"));
}

TEST_CASE("an expression that would run forever counts as no match") {
    const std::string text = std::string(500, 'a') + "!";
    CHECK_FALSE(found("(?=a)(a+)+$", text));
    CHECK_FALSE(found("^(([a-z])+.)+\\2[A-Z]([a-z])+$", text));
    CHECK_FALSE(found("(a+)+$", text));
    CHECK(found("(?=a)(a+)+!$", text));
}

TEST_CASE("a copy is as good as the pattern it came from") {
    Pattern copy("x", LetterCase::matters);
    {
        const Pattern original("(?=b)b", LetterCase::matters);
        copy = original;
    }
    CHECK(copy.found_in("abc"));
    CHECK_FALSE(copy.found_in("x"));
}
