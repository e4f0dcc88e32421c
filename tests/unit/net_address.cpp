#include "sqlgrey/net/address.hpp"

#include <algorithm>
#include <map>
#include <random>

#include <catch2/catch.hpp>

using namespace sqlgrey::net;
using namespace std::string_literals;

namespace {

Address address(std::string_view text) {
    const auto parsed = parse_address(text);
    REQUIRE(parsed);
    return *parsed;
}

}  // namespace

TEST_CASE("addresses are read as Postfix writes them") {
    const Address v4 = address("192.0.2.255");
    CHECK_FALSE(v4.v6);
    CHECK(v4.bytes == std::array<std::uint8_t, 16>{192, 0, 2, 255});
    const Address v6 = address("2001:db8::f");
    CHECK(v6.v6);
    CHECK(v6.bytes ==
          std::array<std::uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0f});
    CHECK(address("2001:DB8::F") == v6);
    CHECK(address("::ffff:192.0.2.1").v6);
    CHECK(address("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255").v6);
}

TEST_CASE("texts that are not addresses") {
    const auto text =
        GENERATE(as<std::string>{}, "", "unknown", "192.0.2", "192.0.2.256", "192.0.2.1.1", "192.0.2.01",
                 "192.0.2.1 ", " 192.0.2.1", "192.0.2.1\n", "[192.0.2.1]", "[2001:db8::1]", "fe80::1%eth0",
                 "2001:db8::1/64", "2001:db8:::1", "1::2::3", ":", "12345::", "g::", "192.0.2.1\0"s,
                 "::1\0x"s, "localhost", "0x7f.0.0.1", "2130706433");
    CAPTURE(text);
    CHECK_FALSE(parse_address(text));
    CHECK_FALSE(parse_address(std::string(100'000, '1')));
}

TEST_CASE("an IPv6 address expands to eight groups of four digits") {
    CHECK(expanded(address("::")) == "0000:0000:0000:0000:0000:0000:0000:0000");
    CHECK(expanded(address("::1")) == "0000:0000:0000:0000:0000:0000:0000:0001");
    CHECK(expanded(address("2001:DB8::a:0")) == "2001:0db8:0000:0000:0000:0000:000a:0000");
    CHECK(expanded(address("1:2:3:4:5:6:7::")) == "0001:0002:0003:0004:0005:0006:0007:0000");
    CHECK(expanded(address("::ffff:192.0.2.1")) == "0000:0000:0000:0000:0000:ffff:c000:0201");
}

TEST_CASE("the first parts of an address") {
    CHECK(class_c(address("192.0.2.77")) == "192.0.2");
    CHECK(class_c(address("0.0.0.0")) == "0.0.0");
    CHECK(prefix64(address("2001:db8:0:a::1")) == "2001:0db8:0000:000a");
}

TEST_CASE("an IPv4 network is whole bytes, or its first address and the length") {
    const Address given = address("192.168.255.77");
    CHECK(network(given, 32) == "192.168.255.77");
    CHECK(network(given, 24) == class_c(given));
    CHECK(network(given, 16) == "192.168");
    CHECK(network(given, 8) == "192");
    CHECK(network(given, 31) == "192.168.255.76/31");
    CHECK(network(given, 25) == "192.168.255.0/25");
    CHECK(network(given, 20) == "192.168.240.0/20");
    CHECK(network(given, 9) == "192.128.0.0/9");
    CHECK(network(given, 1) == "128.0.0.0/1");
    CHECK(network(address("127.255.255.255"), 1) == "0.0.0.0/1");
    CHECK(network(address("0.0.0.0"), 24) == "0.0.0");
    CHECK(network(address("255.255.255.255"), 29) == "255.255.255.248/29");
}

TEST_CASE("an IPv6 network is whole groups, or the groups it covers and the length") {
    const Address given = address("2001:DB8:0:abcd:ffff:ffff:ffff:ffff");
    CHECK(network(given, 128) == expanded(given));
    CHECK(network(given, 64) == prefix64(given));
    CHECK(network(given, 48) == "2001:0db8:0000");
    CHECK(network(given, 32) == "2001:0db8");
    CHECK(network(given, 16) == "2001");
    CHECK(network(given, 112) == "2001:0db8:0000:abcd:ffff:ffff:ffff");
    CHECK(network(given, 56) == "2001:0db8:0000:ab00/56");
    CHECK(network(given, 47) == "2001:0db8:0000/47");
    CHECK(network(given, 20) == "2001:0000/20");
    CHECK(network(given, 3) == "2000/3");
    CHECK(network(given, 1) == "0000/1");
    CHECK(network(given, 111) == "2001:0db8:0000:abcd:ffff:ffff:fffe/111");
    CHECK(network(given, 113) == "20010db80000abcdffffffffffff8000/113");
    CHECK(network(given, 127) == "20010db80000abcdfffffffffffffffe/127");
    CHECK(network(address("::1"), 64) == "0000:0000:0000:0000");
}

TEST_CASE("two addresses have one network text if, and only if, they share the leading bits") {
    std::mt19937 random(20261122);
    using Bits = std::pair<int, std::string>;  // length, leading bits
    std::map<std::string, Bits> bits_of;
    std::map<Bits, std::string> text_of;
    for (int round = 0; round < 40000; ++round) {
        Address any;
        any.v6 = round % 2 == 0;
        const int bits = any.v6 ? 128 : 32;
        for (int byte = 0; byte < bits / 8; ++byte) {
            constexpr std::array<std::uint8_t, 6> bytes{0, 0xff, 1, 0x80, 0x10, 192};
            any.bytes[static_cast<std::size_t>(byte)] = bytes[random() % bytes.size()];
        }
        const int length = 1 + static_cast<int>(random() % static_cast<unsigned>(bits));
        std::string leading = any.v6 ? "6" : "4";
        for (int bit = 0; bit < length; ++bit)
            leading += any.bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1 ? '1' : '0';
        const std::string text = network(any, length);
        CAPTURE(text, length);
        REQUIRE(text.size() <= 39);
        REQUIRE(std::none_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
        const Bits both{length, leading};
        REQUIRE(bits_of.try_emplace(text, both).first->second == both);
        REQUIRE(text_of.try_emplace(both, text).first->second == text);
    }
}

TEST_CASE("an EUI-64 global unicast address has ff:fe in the middle and begins with 2 or 3") {
    CHECK(is_eui64_global(address("2001:db8::211:22ff:fe33:4455")));
    CHECK(is_eui64_global(address("3fff::ff:fe00:0")));
    CHECK_FALSE(is_eui64_global(address("1fff::211:22ff:fe33:4455")));
    CHECK_FALSE(is_eui64_global(address("4000::211:22ff:fe33:4455")));
    CHECK_FALSE(is_eui64_global(address("fe80::211:22ff:fe33:4455")));
    CHECK_FALSE(is_eui64_global(address("2001:db8::211:22ff:ff33:4455")));
    CHECK_FALSE(is_eui64_global(address("2001:db8::211:22fe:fe33:4455")));
    CHECK_FALSE(is_eui64_global(address("2001:db8::ff:fe00")));
}
