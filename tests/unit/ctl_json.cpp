#include "../../src/ctl/json.hpp"

#include <catch2/catch.hpp>

namespace sqlgrey::ctl {
namespace {

std::string refused(std::string_view line) {
    try {
        read_json_object(line);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("ctl: any bytes become a JSON string") {
    CHECK(json_text("alice@example.org") == R"("alice@example.org")");
    CHECK(json_text("a\"b\\c") == R"("a\"b\\c")");
    CHECK(json_text(std::string_view{"\0\n\x1b\x7f", 4}) == "\"\\u0000\\u000a\\u001b\\u007f\"");
    CHECK(json_text("gr\xc3\xbc\xc3\x9f") == "\"gr\xc3\xbc\xc3\x9f\"");
    CHECK(json_text("\xc2\x9b") == "\"\\u009b\"");
    CHECK(json_text("caf\xe9") == "\"caf\\udce9\"");
    CHECK(json_text("\xed\xa0\x80") == "\"\\udced\\udca0\\udc80\"");
}

TEST_CASE("ctl: every text is read back unchanged") {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    for (const std::string& text : {all, std::string{"\xf0\x9f\x93\xac mail"}, std::string{}}) {
        const JsonObject object = read_json_object("{\"a\": " + json_text(text) + "}");
        CHECK(std::get<std::string>(object.at("a")) == text);
    }
    CHECK(std::get<std::string>(read_json_object(R"({"a":"\ud83d\udcec\/\u00e9"})").at("a")) ==
          "\xf0\x9f\x93\xac/\xc3\xa9");
}

TEST_CASE("ctl: an object has values of each kind") {
    const JsonObject object =
        read_json_object(" { \"n\" : -5, \"yes\":true,\"no\" : false , \"none\": null }\r");
    CHECK(object.size() == 4);
    CHECK(std::get<std::int64_t>(object.at("n")) == -5);
    CHECK(std::get<bool>(object.at("yes")));
    CHECK_FALSE(std::get<bool>(object.at("no")));
    CHECK(std::holds_alternative<std::monostate>(object.at("none")));
    CHECK(read_json_object("{}").empty());
}

TEST_CASE("ctl: anything but a flat object is refused, with the byte") {
    CHECK(refused("") == "expected '{' at byte 1");
    CHECK(refused("[]") == "expected '{' at byte 1");
    CHECK(refused(R"({"a":1} x)") == "expected the end of the line at byte 9");
    CHECK(refused(R"({"a":1,"a":2})") == "expected each name once at byte 13");
    CHECK(refused(R"({"a":1.5})") == "expected '}' at byte 7");
    CHECK(refused(R"({"a":[1]})").starts_with("expected a text, a whole number"));
    CHECK(refused(R"({"a":"\ud800"})").starts_with("expected a surrogate pair"));
    CHECK(refused(R"({"a":"\ud800\u0041"})").starts_with("expected the second half"));
    CHECK(refused(R"({"a":"\u12)").starts_with("expected four hexadecimal digits"));
    CHECK(refused(R"({"a":"\q"})").starts_with("expected an escape of JSON"));
    CHECK(refused(R"({"a":"b)").starts_with("expected '\"'"));
    CHECK(refused("{\"a\":\"\n\"}").starts_with("expected no control character"));
    CHECK(refused(R"({"a":99999999999999999999})").starts_with("expected a text, a whole number"));
}

TEST_CASE("ctl: times are those of RFC 3339") {
    CHECK(rfc3339(base::at(0)) == "1970-01-01T00:00:00Z");
    CHECK(rfc3339(base::at(1'709'164'799)) == "2024-02-28T23:59:59Z");
    CHECK(read_rfc3339("2024-02-29T00:00:00Z") == base::at(1'709'164'800));
    CHECK(read_rfc3339("2024-02-29") == base::at(1'709'164'800));
    CHECK(read_rfc3339("2024-02-29T01:00:00+01:00") == base::at(1'709'164'800));
    CHECK(read_rfc3339("2024-02-28 18:30:00-05:30") == base::at(1'709'164'800));
    CHECK(read_rfc3339("9999-12-31T23:59:59Z") == base::at(253'402'300'799));
    for (const char* text :
         {"", "2024", "2023-02-29", "2024-13-01", "2024-00-01", "1969-01-01", "2024-02-29T",
          "2024-02-29T25:00:00Z", "2024-02-29T00:00:00", "2024-02-29T00:00:00+24:00", "2024-2-29",
          "2024-02-29T00:00:00Zx", "-024-02-29", "1970-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"})
        CHECK_FALSE(read_rfc3339(text));
}

}  // namespace sqlgrey::ctl
