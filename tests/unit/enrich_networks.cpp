#include "sqlgrey/enrich/networks.hpp"

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::enrich;

namespace {

net::Address address(const char* text) {
    return net::parse_address(text).value();
}

std::vector<greylist::AddressRange> ranges(const std::vector<std::pair<const char*, int>>& networks) {
    std::vector<spf::Network> all;
    for (const auto& [text, length] : networks) all.push_back({address(text), length});
    return ranges_of(all);
}

}  // namespace

TEST_CASE("a network is its first and its last address") {
    using Ranges = std::vector<greylist::AddressRange>;
    REQUIRE(ranges({{"11.2.3.129", 25}}) ==
            Ranges{{"00000000000000000000ffff0b020380", "00000000000000000000ffff0b0203ff"}});
    REQUIRE(ranges({{"11.2.3.4", 32}}) ==
            Ranges{{"00000000000000000000ffff0b020304", "00000000000000000000ffff0b020304"}});
    REQUIRE(ranges({{"2a00:1:2:3::9", 61}}) ==
            Ranges{{"2a000001000200000000000000000000", "2a00000100020007ffffffffffffffff"}});
    REQUIRE(ranges({}).empty());
}

TEST_CASE("networks within others are left out, and the rest is in order") {
    const auto found = ranges({{"12.0.0.0", 8},
                               {"2a00::", 32},
                               {"11.1.2.3", 32},
                               {"11.1.0.0", 16},
                               {"11.1.2.0", 24},
                               {"12.0.0.0", 30},
                               {"12.0.0.0", 8}});
    REQUIRE(found.size() == 3);
    for (std::size_t i = 1; i < found.size(); ++i) REQUIRE(found[i - 1].last < found[i].first);
    for (const char* in : {"11.1.0.0", "11.1.255.255", "12.255.255.255", "2a00::ffff"})
        REQUIRE(has(found, address(in)));
    for (const char* out : {"11.0.255.255", "11.2.0.0", "13.0.0.0", "2a00:1::"})
        REQUIRE_FALSE(has(found, address(out)));
}

TEST_CASE("no IPv6 network covers IPv4 clients") {
    REQUIRE(ranges({{"::ffff:0:0", 96}}).empty());
    REQUIRE(ranges({{"::ffff:1.2.3.4", 128}}).empty());
    REQUIRE(ranges({{"::", 31}}).empty());
    REQUIRE(ranges({{"::", 80}}).empty());
    REQUIRE(ranges({{"::", 81}}).size() == 1);
    REQUIRE(ranges({{"::fffe:0:0", 96}}).size() == 1);
}

TEST_CASE("this machine has the address of its loopback interface") {
    const auto own = own_addresses();
    REQUIRE(std::find(own.begin(), own.end(), address("127.0.0.1")) != own.end());
}
