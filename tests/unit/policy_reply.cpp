#include "sqlgrey/policy/reply.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey::policy;
using namespace std::string_literals;

namespace {

// A reply with that text, in any of its parts.
std::string sent(const std::string& text) {
    return encode({Action::pass, text});
}

}  // namespace

TEST_CASE("a reply is one action line and an empty line") {
    CHECK(encode({}) == "action=dunno\n\n");
    CHECK(encode({Action::defer, "450", "Greylisted for 5 minutes"}) ==
          "action=450 Greylisted for 5 minutes\n\n");
    CHECK(encode({Action::pass, "", "", "X-Greylist: why"}) == "action=PREPEND X-Greylist: why\n\n");
}

TEST_CASE("a reply that makes Postfix wait is a list of restrictions, without text and header") {
    const auto after = [](Reply reply) {
        reply.sleep = sqlgrey::base::Seconds{65};
        return access_line(reply);
    };
    CHECK(after({}) == "SLEEP 65");
    CHECK(after({Action::pass, "", "", "X-Greylist: why"}) == "SLEEP 65");
    CHECK(after({Action::defer, "", "Greylisted"}) == "SLEEP 65, DEFER_IF_PERMIT");
    CHECK(after({Action::defer, "450", "4.7.1 Greylisted"}) == "SLEEP 65, DEFER");
    CHECK(after({Action::defer, "defer", "Greylisted"}) == "SLEEP 65, DEFER");
    CHECK(after({Action::defer, "Defer_If_Reject", "Greylisted"}) == "SLEEP 65, DEFER_IF_REJECT");
}

TEST_CASE("an action without a code has the word of access(5)") {
    CHECK(access_line({Action::pass}) == "dunno");
    CHECK(access_line({Action::defer, "", "Wait"}) == "defer_if_permit Wait");
    CHECK(access_line({Action::reject, "", "No"}) == "reject No");
    CHECK(access_line({Action::discard}) == "discard");
    CHECK(access_line({Action::hold}) == "hold");
}

TEST_CASE("a line of access(5) is a reply, and the same line again") {
    const auto [line, action] = GENERATE(table<std::string, Action>({
        {"dunno", Action::pass},
        {"DUNNO", Action::pass},
        {"450 Wait", Action::defer},
        {"451", Action::defer},
        {"DEFER_IF_REJECT later", Action::defer},
        {"defer  two blanks", Action::defer},
        {"554 5.7.1 Mail from here is not accepted", Action::reject},
        {"REJECT go away", Action::reject},
        {"Discard", Action::discard},
        {"hold for the admin", Action::hold},
        {"holdings", Action::reject},
    }));
    CAPTURE(line);
    CHECK(reply_of(line).action == action);
    CHECK(access_line(reply_of(line)) == line);
}

TEST_CASE("a reply keeps UTF-8 as it is") {
    const auto text =
        GENERATE(as<std::string>{}, "J\xc3\xbcrgen", "\xe2\x82\xac", "\xf0\x9f\x93\xa7", "a\\b=c");
    CHECK(sent(text) == "action=" + text + "\n\n");
}

TEST_CASE("nothing in a reply can end it early or make Postfix refuse it") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
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
    CHECK(sent(text) == "action=" + expected + "\n\n");
}

TEST_CASE("only bytes not allowed in a reply become '?', in any place") {
    const std::string around = "PREPEND X-Greylist: delayed";
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        const char expected = byte >= 0x20 && byte < 0x7f ? c : '?';
        CAPTURE(byte);
        for (std::size_t at = 0; at <= around.size(); ++at)
            CHECK(sent(std::string(around).insert(at, 1, c)) ==
                  "action=" + std::string(around).insert(at, 1, expected) + "\n\n");
    }
}
