#include "sqlgrey/policy/request.hpp"

#include <random>

#include <catch2/catch.hpp>

using namespace sqlgrey::policy;
using namespace std::string_literals;

namespace {

std::vector<Request> parsed(std::string_view bytes) {
    std::vector<Request> complete;
    Parser parser;
    parser.feed(bytes, complete);
    return complete;
}

Request request(std::initializer_list<std::pair<const char*, const char*>> attributes) {
    Request r;
    for (const auto& [name, value] : attributes) r.set(name, value);
    return r;
}

const std::string two_requests =
    "request=smtpd_access_policy\nsender=a@b=c\nsize=\r\n\r\nrequest=smtpd_access_policy\njunk\n"
    "client_name=\xff\xfe\rx\n\nrequest=";

}  // namespace

TEST_CASE("an empty line ends a request") {
    const auto complete =
        parsed("request=smtpd_access_policy\nsender=a@example.org\nrecipient=b@example.net\n\n");
    REQUIRE(complete.size() == 1);
    CHECK(complete[0] == request({{"request", "smtpd_access_policy"},
                                  {"sender", "a@example.org"},
                                  {"recipient", "b@example.net"}}));
    CHECK(complete[0].get("sender") == "a@example.org");
}

TEST_CASE("an attribute that is absent reads as empty") {
    const Request r = request({{"size", ""}});
    CHECK(r.get("sender").empty());
    CHECK_FALSE(r.has("sender"));
    CHECK(r.get("size").empty());
    CHECK(r.has("size"));
}

TEST_CASE("the first '=' splits, the value keeps the others and its blanks") {
    const auto complete = parsed("helo_name= a==b =\n\n");
    REQUIRE(complete.size() == 1);
    CHECK(complete[0].get("helo_name") == " a==b =");
}

TEST_CASE("a later duplicate wins, even an empty one") {
    const auto complete = parsed("sender=a\nsender=b\nrecipient=c\nrecipient=\n\n");
    REQUIRE(complete.size() == 1);
    CHECK(complete[0] == request({{"sender", "b"}, {"recipient", ""}}));
}

TEST_CASE("similar names are distinguished") {
    Request r = request({{"bar", "1"}, {"car", "2"}, {"", "3"}});
    CHECK_FALSE(r.has("far"));
    CHECK_FALSE(r.has("ba"));
    CHECK_FALSE(r.has("xbar"));
    r.set("car", "4");
    r.set("", "5");
    CHECK(r == request({{"bar", "1"}, {"car", "4"}, {"", "5"}}));
    CHECK(r.get("bar") == "1");
    CHECK(r.get("car") == "4");
    CHECK(r.get("") == "5");
}

TEST_CASE("nothing of one request reaches the next") {
    const auto complete = parsed("sender=a\njunk\n\nrecipient=b\n\n");
    REQUIRE(complete.size() == 2);
    CHECK(complete[1] == request({{"recipient", "b"}}));
    CHECK(complete[1].malformed_lines().empty());
}

TEST_CASE("an empty line alone is not a request") {
    CHECK(parsed("").empty());
    CHECK(parsed("\n").empty());
    CHECK(parsed("\r\n\n\r\n").empty());
    CHECK(parsed("\n\nsender=a\n\n\n\n").size() == 1);
}

TEST_CASE("CRLF ends a line too, and a CR elsewhere belongs to the value") {
    const auto complete = parsed("sender=a\r\nhelo_name=b\rc\r\r\n\r\n");
    REQUIRE(complete.size() == 1);
    CHECK(complete[0].get("sender") == "a");
    CHECK(complete[0].get("helo_name") == "b\rc\r");
}

TEST_CASE("a request may be split anywhere") {
    const auto whole = parsed(two_requests);
    REQUIRE(whole.size() == 2);
    CHECK(whole[0].get("sender") == "a@b=c");
    CHECK(whole[0].has("size"));
    CHECK(whole[1].get("client_name") == "\xff\xfe\rx");
    CHECK(whole[1].malformed_lines() == std::vector<std::string>{"junk"});

    SECTION("in two, at every place") {
        for (std::size_t cut = 0; cut <= two_requests.size(); ++cut) {
            std::vector<Request> complete;
            Parser parser;
            parser.feed(std::string_view(two_requests).substr(0, cut), complete);
            parser.feed(std::string_view(two_requests).substr(cut), complete);
            CAPTURE(cut);
            CHECK(complete == whole);
            CHECK(parser.midway());
        }
    }
    SECTION("byte by byte") {
        std::vector<Request> complete;
        Parser parser;
        for (const char c : two_requests) parser.feed({&c, 1}, complete);
        CHECK(complete == whole);
    }
}

TEST_CASE("texts are cut alike however the bytes are split") {
    std::string bytes;
    for (const std::size_t length : {max_text - 1, max_text, max_text + 1})
        for (const char* end : {"\n", "\r\n", "\r\r\n", "\rx\n", "\r=\rx\n", "=\rx\r\n"}) {
            const std::string text(length, 'x');
            bytes += text + end + "n=" + text + end + text + "=" + text + end + "=" + text + end + "\n";
        }
    const auto whole = parsed(bytes);
    REQUIRE(whole.size() == 18);
    for (const std::size_t step : {1, 2, 3, 7, 509}) {
        std::vector<Request> complete;
        Parser parser;
        for (std::size_t at = 0; at < bytes.size(); at += step)
            parser.feed(std::string_view(bytes).substr(at, step), complete);
        CAPTURE(step);
        CHECK(complete == whole);
    }
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        std::vector<Request> complete;
        Parser parser;
        parser.feed(std::string_view(bytes).substr(0, cut), complete);
        parser.feed(std::string_view(bytes).substr(cut), complete);
        CAPTURE(cut);
        REQUIRE(complete == whole);
    }
}

TEST_CASE("no more requests are parsed than wanted") {
    const std::string bytes = "\ns=1\n\n\ns=2\r\n\r\ns=3\n\ns=";
    std::vector<Request> complete;
    Parser parser;
    CHECK(parser.feed(bytes, complete, 0) == 0);
    CHECK(complete.empty());

    std::size_t taken = parser.feed(bytes, complete, 1);
    CHECK(taken == std::string_view("\ns=1\n\n").size());
    CHECK(complete == std::vector{request({{"s", "1"}})});
    CHECK_FALSE(parser.midway());

    taken += parser.feed(std::string_view(bytes).substr(taken), complete, 1);
    CHECK(complete.size() == 2);
    taken += parser.feed(std::string_view(bytes).substr(taken), complete, 2);
    CHECK(taken == bytes.size());
    CHECK(complete == std::vector{request({{"s", "1"}}), request({{"s", "2"}}), request({{"s", "3"}})});
    CHECK(parser.midway());
}

TEST_CASE("a request is midway from its first byte to its empty line") {
    std::vector<Request> complete;
    Parser parser;
    CHECK_FALSE(parser.midway());
    parser.feed("\r\n", complete);
    CHECK_FALSE(parser.midway());
    for (const char c : "s=a\n"s) {
        parser.feed({&c, 1}, complete);
        CHECK(parser.midway());
    }
    parser.feed("\r", complete);
    CHECK(parser.midway());
    parser.feed("\n", complete);
    CHECK_FALSE(parser.midway());
    CHECK(complete.size() == 1);
    parser.feed("=", complete);
    CHECK(parser.midway());
}

TEST_CASE("another parser can go on with a request that has begun, wherever it was split") {
    const std::string stream = two_requests + "smtpd_access_policy\n=no name\n\r\r\nhelo_name=x\r\r\n" +
                               std::string(600, 'n') + "=" + std::string(700, 'v') + "\njunk\r\nsender=\n\n";
    const auto expected = parsed(stream);
    REQUIRE(expected.size() == 3);
    for (std::size_t split = 0; split <= stream.size(); ++split) {
        CAPTURE(split);
        std::vector<Request> complete;
        Parser first;
        first.feed(std::string_view(stream).substr(0, split), complete);
        Parser second;
        CHECK(second.feed(first.begun(), complete) == first.begun().size());
        CHECK(second.midway() == first.midway());
        second.feed(std::string_view(stream).substr(split), complete);
        REQUIRE(complete.size() == expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            CHECK(complete[i].lines() == expected[i].lines());
            CHECK(complete[i].malformed_lines() == expected[i].malformed_lines());
        }
    }
}

TEST_CASE("a line without '=' is malformed and the request goes on") {
    const auto complete = parsed("GET / HTTP/1.0\nsender=a\n=no name\n\n");
    REQUIRE(complete.size() == 1);
    CHECK(complete[0].get("sender") == "a");
    CHECK(complete[0].size() == 1);
    CHECK(complete[0].malformed_lines() == std::vector<std::string>{"GET / HTTP/1.0", "=no name"});
}

TEST_CASE("a request of malformed lines only is one that waits for its answer") {
    const auto complete = parsed("QUIT\n\n");
    REQUIRE(complete.size() == 1);
    CHECK(complete[0].size() == 0);
    CHECK(complete[0].malformed_lines() == std::vector<std::string>{"QUIT"});
}

TEST_CASE("name and value are each cut and the next line is read as usual") {
    const std::string name(max_text + 100, 'n');
    const std::string value(3 * max_text, 'v');
    const auto complete = parsed(name + "=" + value + "\r\nsender=a\n\n");
    REQUIRE(complete.size() == 1);
    CHECK(complete[0].get(std::string(max_text, 'n')) == std::string(max_text, 'v'));
    CHECK(complete[0].get("sender") == "a");
    CHECK(complete[0].size() == 2);
}

TEST_CASE("texts of the maximum length are not cut") {
    const std::string name(max_text, 'n');
    const std::string value(max_text, 'v');
    const auto complete = parsed(name + "=" + value + "\r\n\n");
    REQUIRE(complete.size() == 1);
    CHECK(complete[0].get(name) == value);
}

TEST_CASE("malformed lines and names are bounded in number and length") {
    std::string bytes;
    for (std::size_t i = 0; i < 2 * max_malformed_lines; ++i) bytes += std::string(2 * max_text, 'j') + "\n";
    for (std::size_t i = 0; i < 2 * max_attributes; ++i) bytes += "name" + std::to_string(i) + "=1\n";
    const auto complete = parsed(bytes + "name0=last\n\n");
    REQUIRE(complete.size() == 1);
    CHECK(complete[0].malformed_lines() ==
          std::vector<std::string>(max_malformed_lines, std::string(max_text, 'j')));
    CHECK(complete[0].malformed_lines_dropped() == max_malformed_lines);
    CHECK(complete[0].size() == max_attributes);
    CHECK(complete[0].get("name0") == "last");
    CHECK(complete[0].has("name" + std::to_string(max_attributes - 1)));
    CHECK_FALSE(complete[0].has("name" + std::to_string(max_attributes)));
}

TEST_CASE("a line that never ends does no harm") {
    std::vector<Request> complete;
    Parser parser;
    const std::string chunk(64 * 1024, 'x');
    for (int i = 0; i < 64; ++i) parser.feed(chunk, complete);
    CHECK(complete.empty());
    CHECK(parser.midway());
    parser.feed("\nsender=a\n\n", complete);
    REQUIRE(complete.size() == 1);
    CHECK(complete[0].get("sender") == "a");
    CHECK(complete[0].malformed_lines() == std::vector<std::string>{std::string(max_text, 'x')});
}

TEST_CASE("NUL is a byte like others") {
    const auto complete = parsed("sender=a\0b\n\0\nc\0d=e\n\n"s);
    REQUIRE(complete.size() == 1);
    CHECK(complete[0].get("sender") == "a\0b"s);
    CHECK(complete[0].get("c\0d"s) == "e");
    CHECK(complete[0].malformed_lines() == std::vector<std::string>{"\0"s});
}

TEST_CASE("any bytes give the same requests however they are split") {
    std::mt19937 random(20261122);
    const std::string alphabet = "\n\n\r==ab\0"s;
    for (int round = 0; round < 2000; ++round) {
        std::string bytes;
        for (auto length = random() % 60; length > 0; --length) bytes += alphabet[random() % alphabet.size()];
        std::vector<Request> complete;
        Parser parser;
        for (std::size_t at = 0; at < bytes.size();) {
            const std::size_t count = 1 + random() % 5;
            parser.feed(std::string_view(bytes).substr(at, count), complete);
            at += count;
        }
        CHECK(complete == parsed(bytes));
    }
}
