#include "sqlgrey/log/logger.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey::log;
using namespace std::string_literals;

TEST_CASE("every category has a name and is found by it") {
    const std::vector<std::string> names{"grey",     "whitelist", "optin",  "spam", "mail",  "dbaccess",
                                         "martians", "perf",      "system", "conf", "other", "admin"};
    REQUIRE(names.size() == category_count);
    for (std::size_t i = 0; i < names.size(); ++i) {
        CHECK(name(static_cast<Category>(i)) == names[i]);
        CHECK(category_named(names[i]) == static_cast<Category>(i));
    }
    CHECK(name(Category::dbaccess) == "dbaccess");
    CHECK_FALSE(category_named(""));
    CHECK_FALSE(category_named("Grey"));
    CHECK_FALSE(category_named("gre"));
    CHECK_FALSE(category_named("greys"));
}

TEST_CASE("a message is written if its level is at most that of its category") {
    std::vector<std::string> lines;
    Levels levels(normal);
    levels.set(Category::spam, silent);
    levels.set(Category::conf, error);
    levels.set(Category::perf, debug);
    const Logger logger(levels, std::make_unique<MemorySink>(lines));

    CHECK(logger.wants(Category::grey, normal));
    CHECK_FALSE(logger.wants(Category::grey, verbose));
    CHECK_FALSE(logger.wants(Category::spam, error));
    CHECK(logger.wants(Category::conf, error));
    CHECK_FALSE(logger.wants(Category::conf, warning));

    logger.write(Category::grey, normal, "new: a");
    logger.write(Category::grey, verbose, "lost");
    logger.write(Category::spam, error, "lost");
    logger.write(Category::conf, error, "bad file");
    logger.write(Category::perf, debug, "spent 1s");
    CHECK(lines == std::vector<std::string>{"grey: new: a", "conf: bad file", "perf: spent 1s"});
}

TEST_CASE("text of the world stays readable in the log") {
    const auto text = GENERATE(as<std::string>{}, "", "plain ~ text", "a\\b", "J\xc3\xbcrgen", "\xe2\x82\xac",
                               "\xf0\x9f\x93\xa7", "\xc2\xa0", "\\x0a", "\u05d0\u200d\u206a");
    CHECK(escape(text) == text);
}

TEST_CASE("nothing can forge or garble a log line") {
    const auto [text, escaped] = GENERATE(table<std::string, std::string>({
        {"a\nsqlgrey: forged", "a\\x0asqlgrey: forged"},
        {"a\r\n", "a\\x0d\\x0a"},
        {"\tcolumn", "\\x09column"},
        {"a\0b"s, "a\\x00b"},
        {"\x1b[31mred", "\\x1b[31mred"},
        {"\x7f", "\\x7f"},
        {"\xc2\x85next", "\\xc2\\x85next"},
        {"\xc2\x9f", "\\xc2\\x9f"},
        {"\xe2\x80\xa8 \xe2\x80\xa9", "\\xe2\\x80\\xa8 \\xe2\\x80\\xa9"},
        {"a\u202e", "a\\xe2\\x80\\xae"},
        {"\u2066\u2069", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9"},
        {"\u200f", "\\xe2\\x80\\x8f"},
        {"\u061c", "\\xd8\\x9c"},
        {"J\xfcrgen", "J\\xfcrgen"},
        {"\xc3", "\\xc3"},
        {"\xe2\x82", "\\xe2\\x82"},
        {"\xe2\x82\xc3\xbc", "\\xe2\\x82\xc3\xbc"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"\xc0\x8a", "\\xc0\\x8a"},
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
    }));
    CHECK(escape(text) == escaped);
}

TEST_CASE("escaping does not depend on neighbouring text") {
    const std::string around = "new: 192.0.2.1, a@example.org -> b@example.net";
    for (int byte = 0; byte < 256; ++byte) {
        const std::string one(1, static_cast<char>(byte));
        CAPTURE(byte);
        CHECK((escape(one) == one) == (byte >= 0x20 && byte < 0x7f));
        for (std::size_t at = 0; at <= around.size(); ++at)
            CHECK(escape(std::string(around).insert(at, one)) == std::string(around).insert(at, escape(one)));
    }
}

TEST_CASE("a logger without a category writes all others where the first one does") {
    std::vector<std::string> lines;
    const Logger logger(Levels{}, std::make_unique<MemorySink>(lines));
    const Logger fewer = logger.without(Category::conf);
    fewer.write(Category::conf, error, "no");
    fewer.write(Category::system, warning, "yes");
    fewer.write(Category::system, verbose, "too much");
    logger.write(Category::conf, error, "still");
    CHECK(lines == std::vector<std::string>{"system: yes", "conf: still"});
}

TEST_CASE("the logger escapes its texts") {
    std::vector<std::string> lines;
    const Logger logger(Levels{}, std::make_unique<MemorySink>(lines));
    logger.write(Category::martians, warning, "from is 'a\nb'");
    CHECK(lines == std::vector<std::string>{"martians: from is 'a\\x0ab'"});
}

TEST_CASE("lines that a client can cause at will are limited per category, and dropped ones counted") {
    std::vector<std::string> lines;
    const Logger logger(Levels{}, std::make_unique<MemorySink>(lines));
    for (int i = 0; i < 1000; ++i) logger.together().write_limited(Category::other, warning, "junk");
    REQUIRE(lines.size() == limited_lines + 1);
    CHECK(lines.front() == "other: junk");
    CHECK(lines.back() ==
          "other: 100 lines of this kind within 10 s: further ones are counted and not written");
    logger.write_limited(Category::martians, warning, "another kind");
    logger.write(Category::other, warning, "not limited");
    CHECK(lines.back() == "other: not limited");
    CHECK(lines.size() == limited_lines + 3);
    logger.write_limited(Category::spam, debug, "not wanted");
    CHECK(lines.size() == limited_lines + 3);
}

TEST_CASE("a logger's prefix follows the category") {
    std::vector<std::string> lines;
    const Logger logger(Levels{}, std::make_unique<MemorySink>(lines));
    logger.with_prefix("4XyZ: ").write(Category::grey, normal, "new: a\n");
    logger.write(Category::grey, normal, "b");
    CHECK(lines == std::vector<std::string>{"grey: 4XyZ: new: a\\x0a", "grey: b"});
}
