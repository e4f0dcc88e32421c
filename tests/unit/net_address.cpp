#include "sqlgrey/net/address.hpp"

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

TEST_CASE("what is no address is none") {
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
