// p0f's messages, byte by byte.
#include "enrich_p0f_messages.hpp"
#include "sqlgrey/enrich/p0f.hpp"

#include <array>

#include <catch2/catch.hpp>

namespace sqlgrey::enrich {

TEST_CASE("a question has 21 bytes: magic in our byte order, the kind of address, the address") {
    const std::string of_v4 = p0f_question(address("192.0.2.7"));
    REQUIRE(of_v4.size() == 21);
    CHECK(of_v4 == number_bytes<std::uint32_t>(0x50304601) + std::string{"\x04\xc0\x00\x02\x07", 5} +
                       std::string(12, '\0'));
    const std::string of_v6 = p0f_question(address("2001:db8::1"));
    REQUIRE(of_v6.size() == 21);
    CHECK(of_v6.substr(4) == std::string{"\x06\x20\x01\x0d\xb8", 5} + std::string(11, '\0') + "\x01");
}

TEST_CASE("an answer gives system, link and distance") {
    CHECK(p0f_answer(Message{}.text()) == Fingerprint{"Linux 3.11 and newer", "Ethernet or modem", 9});
    CHECK(p0f_answer(Message{.os_flavor = ""}.text())->os == "Linux");
    CHECK(p0f_answer(Message{.os_name = ""}.text())->os.empty());
    CHECK(p0f_answer(Message{.link = ""}.text())->link.empty());
}

TEST_CASE("a distance is nothing if p0f has none, or if no packet can come so far") {
    CHECK(p0f_answer(Message{.distance = 0}.text())->distance == 0);
    CHECK(p0f_answer(Message{.distance = 255}.text())->distance == 255);
    for (const std::int16_t none : std::array<std::int16_t, 4>{-1, -32768, 256, 32767})
        CHECK_FALSE(p0f_answer(Message{.distance = none}.text())->distance);
}

TEST_CASE("no match and a bad query give nothing, whatever the other bytes are") {
    for (const std::uint32_t status : {0x00U, 0x20U, 0x10000000U, 0xffffffffU})
        CHECK(p0f_answer(Message{.status = status}.text()) == Fingerprint{});
}

TEST_CASE("what is not an answer of p0f is told apart from one that knows nothing") {
    const std::string right = Message{}.text();
    for (std::size_t size = 0; size < right.size(); ++size) CHECK_FALSE(p0f_answer(right.substr(0, size)));
    CHECK_FALSE(p0f_answer(right + '\0'));
    CHECK_FALSE(p0f_answer(Message{.magic = 0x50304601}.text()));
    CHECK_FALSE(p0f_answer(std::string(232, '\xff')));
    CHECK_FALSE(p0f_answer(std::string(232, '\0')));
}

TEST_CASE("names that are not text, or do not end, are left out") {
    for (const char* name : {"Linux\x1b[2J", "Lin\nux", "Lin\x7fux", "\xc3\xa9", "\xff"}) {
        CHECK(p0f_answer(Message{.os_name = name}.text())->os.empty());
        CHECK(p0f_answer(Message{.os_flavor = name}.text())->os == "Linux");
        CHECK(p0f_answer(Message{.link = name}.text())->link.empty());
    }
    const std::string longest(31, 'x');
    CHECK(p0f_answer(Message{.os_name = longest, .os_flavor = longest}.text())->os ==
          longest + " " + longest);
    const std::string endless(32, 'x');
    CHECK(p0f_answer(Message{.os_name = endless}.text())->os.empty());
    CHECK(p0f_answer(Message{.link = endless}.text())->link.empty());
}

}  // namespace sqlgrey::enrich
