#include "sqlgrey/dns/public_resolvers.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::dns;

namespace {

net::Address address(const char* text) {
    return net::parse_address(text).value();
}

}  // namespace

TEST_CASE("well-known public resolvers are recognised") {
    REQUIRE(operator_of_public_resolver(address("8.8.8.8")) == "Google");
    REQUIRE(operator_of_public_resolver(address("2606:4700:4700:0:0:0:0:1111")) == "Cloudflare");
    REQUIRE(operator_of_public_resolver(address("9.9.9.9")) == "Quad9");
    REQUIRE(operator_of_public_resolver(address("208.67.220.220")) == "OpenDNS");
    for (const char* own : {"127.0.0.1", "::1", "192.0.2.53", "8.8.8.9", "10.0.0.53"}) {
        INFO(own);
        REQUIRE_FALSE(operator_of_public_resolver(address(own)));
    }
}

TEST_CASE("resolv.conf names servers as the C library reads them") {
    using Addresses = std::vector<net::Address>;
    REQUIRE(nameservers_in("# nameserver 192.0.2.9\nsearch example.org\nnameserver 192.0.2.1\n"
                           "nameserver\t2001:db8::1 \noptions edns0\nnameserver\nnameserver x\n") ==
            Addresses{address("192.0.2.1"), address("2001:db8::1")});
    REQUIRE(nameservers_in("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
                           "nameserver 192.0.2.4")
                .size() == 3);
    REQUIRE(nameservers_in("").empty());
    REQUIRE(nameservers_in("nameserver fe80::1%eth0\n").empty());
}
