// discrimination.regexp: which requests are suspicious.
#include "lists_fixture.hpp"
#include "sqlgrey/lists/discrimination.hpp"

#include <catch2/catch.hpp>

using namespace lists_test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using lists::Discrimination;

namespace {

lists::LoadedDiscrimination loaded(const std::string& text) {
    const Directory dir;
    dir.write("discrimination.regexp", text);
    return lists::read_discrimination(dir.path());
}

Discrimination rules(const std::string& text) {
    auto result = loaded(text);
    if (!result.problems.empty()) throw std::runtime_error(texts_of(result.problems));
    return result.rules;
}

using Attributes = std::vector<std::pair<std::string, std::string>>;

std::optional<unsigned> match(const Discrimination& rules, const Attributes& attributes) {
    policy::Request request;
    for (const auto& [name, value] : attributes) request.set(name, value);
    return rules.first_match(request);
}

bool fits(const std::string& rule, const Attributes& attributes) {
    return match(rules(rule), attributes) == 1U;
}

}  // namespace

TEST_CASE("=~ searches an attribute, letter case matters") {
    CHECK(fits("client_name =~ \\.(example|test)$", {{"client_name", "a.test"}}));
    CHECK_FALSE(fits("client_name =~ \\.(example|test)$", {{"client_name", "a.TEST"}}));
    CHECK_FALSE(fits("client_name =~ ^test", {{"client_name", "a.test"}}));
    CHECK(fits("helo_name=~x y", {{"helo_name", "ax yb"}}));
    CHECK(fits("\t helo_name\t=~   ^a=b!~c$  \r", {{"helo_name", "a=b!~c"}}));
    CHECK(fits("sender =~ ^$", {{"sender", ""}}));
}

TEST_CASE("!~ is the contrary") {
    CHECK(fits("helo_name !~ \\w\\.[a-z]{2,}$", {{"helo_name", "host"}}));
    CHECK_FALSE(fits("helo_name !~ \\w\\.[a-z]{2,}$", {{"helo_name", "host.example"}}));
    CHECK(fits("helo_name!~x", {{"helo_name", ""}}));
}

TEST_CASE("== and != compare with another attribute, letter by letter") {
    CHECK(fits("sender == recipient", {{"sender", "a@b"}, {"recipient", "a@b"}}));
    CHECK_FALSE(fits("sender == recipient", {{"sender", "a@b"}, {"recipient", "A@b"}}));
    CHECK(fits("helo_name != client_name", {{"helo_name", "a"}, {"client_name", "b"}}));
    CHECK_FALSE(fits("helo_name != client_name", {{"helo_name", "a"}, {"client_name", "a"}}));
}

TEST_CASE("an attribute that was not sent makes no rule match, one sent empty is compared") {
    const auto rule = GENERATE(as<std::string>{}, "sender =~ ^$", "sender !~ x", "sender == missing",
                               "sender != recipient");
    CAPTURE(rule);
    CHECK_FALSE(fits(rule, {{"recipient", "r"}}));
    CHECK(fits(rule, {{"recipient", "r"}, {"sender", ""}}));
}

TEST_CASE("another attribute that was not sent counts as empty") {
    CHECK(fits("sender != recipient", {{"sender", "a"}}));
    CHECK_FALSE(fits("sender == recipient", {{"sender", "a"}}));
    CHECK(fits("sender == recipient", {{"sender", ""}}));
}

TEST_CASE("values are compared as sent") {
    CHECK(fits("sender =~ \\xff\\x00", {{"sender", std::string("a\xff\0b", 4)}}));
    CHECK(fits("any_name_2 =~ ^ A ", {{"any_name_2", " A "}}));
}

TEST_CASE("the first rule in file order gives its number, counting valid rules") {
    const auto result = loaded(
        "# comment\n\nsender =~ (\nclient_name =~ ^unknown$\nnonsense\nsender =~ @a # why\n"
        "sender =~ @\n");
    CHECK(result.rules.size() == 3);
    CHECK(match(result.rules, {{"client_name", "unknown"}, {"sender", "x@a"}}) == 1U);
    CHECK(match(result.rules, {{"client_name", "name"}, {"sender", "x@a"}}) == 2U);
    CHECK(match(result.rules, {{"client_name", "name"}, {"sender", "x@b"}}) == 3U);
    CHECK(match(result.rules, {{"client_name", "name"}, {"sender", "x"}}) == std::nullopt);
    REQUIRE(result.problems.size() == 2);
    CHECK_THAT(result.problems[0].text, Contains("discrimination.regexp:3: \"sender =~ (\" is skipped"));
    CHECK_THAT(result.problems[1].text,
               Contains("discrimination.regexp:5: \"nonsense\" is skipped: expected"));
}

TEST_CASE("'#' ends a line wherever it stands, as in SQLgrey 1.8") {
    CHECK(fits("sender =~ ab#c", {{"sender", "xab"}}));
    CHECK(fits("sender =~ ab\\x23c", {{"sender", "ab#c"}}));
}

TEST_CASE("lines that are no rule are skipped and told") {
    const auto line =
        GENERATE(as<std::string>{}, "sender", "sender =", "sender =~", "=~ x", "sender ~ x", "sender = x",
                 "two words =~ x", "sender == ", "sender == a b", "sender != re.*", "-sender =~ x",
                 "sender => x", "s\xc3\xa9nder =~ x", "sender =~ [a", "sender =~ a)");
    CAPTURE(line);
    const auto result = loaded("client_name =~ ^x\n" + line + "\n");
    CHECK(result.rules.size() == 1);
    REQUIRE(result.problems.size() == 1);
    CHECK(result.problems[0].is_error);
    CHECK_THAT(result.problems[0].text, Contains("discrimination.regexp:2: "));
}

TEST_CASE("Perl's own syntax works, with a warning") {
    const auto result = loaded("sender =~ ^(?!bounce)\n");
    REQUIRE(result.problems.size() == 1);
    CHECK_FALSE(result.problems[0].is_error);
    CHECK(match(result.rules, {{"sender", "a"}}) == 1U);
    CHECK(match(result.rules, {{"sender", "bounce"}}) == std::nullopt);
}

TEST_CASE("without a rule every request is suspicious, and that is told") {
    const auto text = GENERATE(as<std::string>{}, "", "# nothing\n", "sender =~ (\n");
    const auto result = loaded(text);
    CHECK(result.rules.size() == 0);
    CHECK(match(result.rules, {}) == Discrimination::no_rules);
    REQUIRE_FALSE(result.problems.empty());
    CHECK(result.problems.back().is_error);
    CHECK_THAT(result.problems.back().text, Contains("discrimination.regexp: it contains no rule") &&
                                                Contains("every request counts as suspicious"));
}

TEST_CASE("without a file too") {
    const Directory dir;
    const std::string path = dir.path("discrimination.regexp");
    std::string reason = ": no such file";
    SECTION("missing") {
    }
    SECTION("a directory") {
        std::filesystem::create_directory(path);
        reason = ": not a regular file";
    }
    const auto result = lists::read_discrimination(dir.path());
    CHECK(match(result.rules, {{"sender", "a"}}) == Discrimination::no_rules);
    REQUIRE(result.problems.size() == 1);
    CHECK(result.problems[0].is_error);
    CHECK_THAT(result.problems[0].text, StartsWith(path + reason));
}

TEST_CASE("a file from Windows, with garbage, is survived") {
    const auto result = loaded("\xef\xbb\xbfsender =~ ^a$\r\n" + std::string(1 << 20, 'x') + "\r\n\xff\r\n" +
                               std::string(3, '\0') + "\r\nsender =~ ^b$");
    CHECK(result.problems.size() == 3);
    CHECK(match(result.rules, {{"sender", "a"}}) == 1U);
    CHECK(match(result.rules, {{"sender", "b"}}) == 2U);
    CHECK(texts_of(result.problems).size() < 2000);
}
