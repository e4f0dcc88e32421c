// The values that replies and headers are made from.
#include "config_files.hpp"
#include "sqlgrey/base/ascii.hpp"
#include "sqlgrey/config/parameters.hpp"
#include "sqlgrey/config/values.hpp"

#include <stdexcept>

#include <catch2/catch.hpp>

using namespace sqlgrey::config;
using config_test::load_text;
using config_test::problems;

TEST_CASE("reject_code is temporary") {
    REQUIRE(read_reject_code("450") == "450");
    REQUIRE(read_reject_code("499") == "499");
    REQUIRE(read_reject_code("451  4.7.1") == "451 4.7.1");
    REQUIRE(read_reject_code("DUNNO") == "dunno");
    REQUIRE(read_reject_code("Defer_If_Permit") == "defer_if_permit");
    REQUIRE(read_reject_code("defer") == "defer");
    REQUIRE(read_reject_code("defer_if_reject") == "defer_if_reject");
    for (const char* bad : {"", "4", "4500", "350", "reject", "4xx", "450 5.7.1", "450 4.7", "450 4.7.1234",
                            "450 go", "ok", "-450", "450;"}) {
        INFO(bad);
        REQUIRE_THROWS_AS(read_reject_code(bad), std::invalid_argument);
    }
    REQUIRE(
        problems(load_text("reject_code = 550\nreject_first_attempt = immed\n")) ==
        "1: error: reject_code = 550: expected a code from 400 to 499 (also with an enhanced code, such as "
        "451 "
        "4.7.1), dunno, defer, defer_if_permit or defer_if_reject; a 5xx code would make senders give up: "
        "greylisting must be temporary; correct the line, or delete it to have the default (450)\n");
}

TEST_CASE("an enhanced status code is three numbers, the first of them 2, 4 or 5") {
    REQUIRE(enhanced_code("4.2.0 text") == "4.2.0");
    REQUIRE(enhanced_code("5.7.1") == "5.7.1");
    REQUIRE(enhanced_code("2.123.123\ttext") == "2.123.123");
    for (const char* text : {"", "4", "4.", "4.7", "4.7.", "4..1", "3.7.1", "44.7.1", "4.7.1.1", "4.7.1x",
                             "4.1234.1", "4.1.1234", " 4.7.1", "text 4.7.1", "4-7-1", "4.7.-1"}) {
        INFO(text);
        REQUIRE(enhanced_code(text).empty());
    }
}

TEST_CASE("the text of a deferral is one line with placeholders, or nothing") {
    REQUIRE(read_greylist_text("").empty());
    REQUIRE(read_greylist_text("  ").empty());
    for (const char* text : {"Greylisted, see http://postgrey.schweikert.ch/help/%r.html",
                             "4.2.0 Come back in %m minutes (%s seconds), 100%% sure", "300 seconds left",
                             "~!\"$&'()*+,-./:;<=>?@[\\]^_`{|}"}) {
        INFO(text);
        REQUIRE(read_greylist_text(text) == text);
    }
    REQUIRE(read_greylist_text(" a text\t") == "a text");
    REQUIRE(read_greylist_text(std::string(200, 'x')).size() == 200);
    for (const char* bad : {"caf\xc3\xa9", "a\tb", "a\nb", "a\x7f", "%x", "50%", "%S", "% s", "%%%",
                            "5.7.1 Greylisted", "2.0.0 Greylisted"}) {
        INFO(bad);
        REQUIRE_THROWS_AS(read_greylist_text(bad), std::invalid_argument);
    }
    REQUIRE_THROWS_AS(read_greylist_text(std::string(201, 'x')), std::invalid_argument);
    REQUIRE(
        problems(load_text("greylist_text = Wait %t\n")) ==
        "1: error: greylist_text = Wait %t: expected a text in which a percent sign is part of %s, %m, "
        "%r, or %%; \"%t\" is not one of them; correct the line, or delete it to have the default (none)\n");
    REQUIRE(
        problems(load_text("greylist_text = 5.7.1 No\n"))
            .find("expected an enhanced code that begins with 4, as in 4.2.0, or none: greylisting must be "
                  "temporary;") != std::string::npos);
    REQUIRE(load_text("greylist_text = Wait %m min\n").settings.greylist_text == "Wait %m min");
}

TEST_CASE("a header is a name, a colon and a text with placeholders, or nothing") {
    REQUIRE(read_header("").empty());
    REQUIRE(read_header("X-Greylist: %w") == "X-Greylist: %w");
    REQUIRE(read_header("X-Greylist: delayed %t seconds by postgrey-%v at %h; %d") ==
            "X-Greylist: delayed %t seconds by postgrey-%v at %h; %d");
    REQUIRE(read_header(" X-Grey:100%% ") == "X-Grey: 100%%");
    REQUIRE(read_header("!#$&'*+-./^_`|~: a: b") == "!#$&'*+-./^_`|~: a: b");
    for (const char* bad :
         {"X-Greylist", "X-Greylist:", ":", ": text", "X Greylist: text", "X-Greylist : text", "X-%v: text",
          "X-Gr\xc3\xbcn: text", "X-Greylist: gr\xc3\xbcn", "X: a\x01", "X: a\tb", "X: %s", "X: %", "X: %%%",
          "delayed by %v"}) {
        INFO(bad);
        REQUIRE_THROWS_AS(read_header(bad), std::invalid_argument);
    }
    REQUIRE(read_header("X: " + std::string(297, 'x')).size() == 300);
    REQUIRE_THROWS_AS(read_header("X: " + std::string(298, 'x')), std::invalid_argument);
    REQUIRE(problems(load_text("x_greylist_header = delayed\n")) ==
            "1: error: x_greylist_header = delayed: expected a header: a name without blanks, a colon and a "
            "text, as in X-Greylist: %w; correct the line, or delete it to have the default (none)\n");
    REQUIRE(
        problems(load_text("x_greylist_header = X: %r\n"))
            .find("expected a header in which a percent sign is part of %t, %v, %d, %h, %w, or %%; \"%r\" "
                  "is not one of them;") != std::string::npos);
}

TEST_CASE("a refusal is a code or word of access(5) and a text") {
    for (const char* good :
         {"554 5.7.1 Mail from here is not accepted", "550", "REJECT", "reject no", "Reject 5.7.1 no",
          "450 4.7.1 later", "451 later", "DEFER later", "defer_if_permit 4.2.0 later", "DEFER_IF_REJECT x",
          "DISCARD", "hold for looking at", "421 4.3.2 busy", "550 no 4.7.1"}) {
        INFO(good);
        REQUIRE(read_refusal(good) == good);
    }
    REQUIRE(read_refusal("  554   5.7.1 no \t") == "554 5.7.1 no");
    for (const char* bad : {"",
                            "no",
                            "OK",
                            "dunno",
                            "250 fine",
                            "354 x",
                            "600 x",
                            "5540 x",
                            "55 x",
                            "5xx x",
                            "-54 x",
                            "450",
                            "450 4.7.1",
                            "DEFER",
                            "defer_if_permit ",
                            "554 4.7.1 no",
                            "450 5.7.1 no",
                            "reject 4.7.1 no",
                            "defer 5.7.1 no",
                            "554 gr\xc3\xbcn",
                            "554 a\nb",
                            "554 a\x01",
                            "REDIRECT a@example.org",
                            "PREPEND X: y",
                            "reject_unauth_destination",
                            "FILTER smtp:"}) {
        INFO(bad);
        REQUIRE_THROWS_AS(read_refusal(bad), std::invalid_argument);
    }
    REQUIRE_THROWS_AS(read_refusal("554 " + std::string(397, 'x')), std::invalid_argument);
    REQUIRE(problems(load_text("blacklist_reply = 450\n"))
                .find("1: error: blacklist_reply = 450: expected a text after it: without one Postfix "
                      "says Service unavailable, which fail2ban takes for an attack;") == 0);
    REQUIRE(
        problems(load_text("blacklist_reply =\n"))
            .find("1: error: blacklist_reply = : expected a code from 400 to 599, reject, discard, hold, ") ==
        0);
    REQUIRE(load_text("blacklist_reply = REJECT Go away\n").settings.blacklist_reply == "REJECT Go away");
}

TEST_CASE("values of postgrey's --greylist-action are accepted in any letter case") {
    for (const char* action : {"DEFER_IF_PERMIT", "Defer_if_permit", "DEFER", "451", "450"}) {
        INFO(action);
        const LoadedSettings loaded =
            load_text(std::string{"reject_first_attempt = immed\nreject_code = "} + action);
        REQUIRE(problems(loaded).empty());
        REQUIRE(loaded.settings.reject_code == sqlgrey::base::ascii_lower(action));
    }
}

TEST_CASE("hostname is the name of a host, or nothing") {
    REQUIRE(load_text("hostname = mx1.example.org\n").settings.hostname == "mx1.example.org");
    REQUIRE(load_text("hostname =\n").settings.hostname.empty());
    for (const char* bad : {"a b", "a;b", "mx:25", "192.0.2.300", "m\xc3\xbc.example.org"}) {
        INFO(bad);
        REQUIRE(
            problems(load_text(std::string{"hostname = "} + bad)).find("expected the name of a host, or ") !=
            std::string::npos);
    }
}
