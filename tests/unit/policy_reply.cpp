#include "sqlgrey/policy/reply.hpp"

#include <catch2/catch.hpp>

using sqlgrey::policy::encode;
using namespace std::string_literals;

TEST_CASE("a reply is one action line and an empty line") {
    CHECK(encode({"dunno"}) == "action=dunno\n\n");
    CHECK(encode({"450 Greylisted for 5 minutes"}) == "action=450 Greylisted for 5 minutes\n\n");
    CHECK(encode({""}) == "action=\n\n");
}

TEST_CASE("a reply keeps UTF-8 as it is") {
    const auto text =
        GENERATE(as<std::string>{}, "J\xc3\xbcrgen", "\xe2\x82\xac", "\xf0\x9f\x93\xa7", "a\\b=c");
    CHECK(encode({text}) == "action=" + text + "\n\n");
}

TEST_CASE("nothing in a reply can end it early or make Postfix refuse it") {
    const auto [text, sent] = GENERATE(table<std::string, std::string>({
        {"PREPEND X-Greylist: a\n\naction=ok", "PREPEND X-Greylist: a??action=ok"},
        {"a\r\n", "a??"},
        {"a\0b"s, "a?b"},
        {"\t\x1b\x7f", "???"},
        {"\xc2\x85.", "?."},
        {"J\xfcrgen", "J?rgen"},
        {"\xe2\x82", "??"},
        {"\xed\xa0\x80", "???"},
        {"\xc0\x8a", "??"},
    }));
    CHECK(encode({text}) == "action=" + sent + "\n\n");
}

TEST_CASE("only what must not stand in a reply becomes '?', wherever it stands") {
    const std::string around = "PREPEND X-Greylist: delayed";
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        const char sent = byte >= 0x20 && byte < 0x7f ? c : '?';
        CAPTURE(byte);
        for (std::size_t at = 0; at <= around.size(); ++at)
            CHECK(encode({std::string(around).insert(at, 1, c)}) ==
                  "action=" + std::string(around).insert(at, 1, sent) + "\n\n");
    }
}
