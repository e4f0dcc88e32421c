#include "sqlgrey/net/pool.hpp"

#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

using namespace sqlgrey::net;

namespace {

// The shipped files.
const PoolRules& shipped() {
    static const PoolFiles files = read_pool_rules(SOURCE_DIR "/conf", "");
    return files.rules;
}

Pool pool(std::string_view name, std::string_view address,
          std::string_view sender_domain = "sender.example") {
    const auto parsed = parse_address(address);
    REQUIRE(parsed);
    return pool_of(shipped(), name, *parsed, sender_domain);
}

struct Client {
    const char* name;
    const char* address;
};

}  // namespace

TEST_CASE("names that hold the address or look like a customer's stay apart") {
    const std::vector<Client> customers{
        {"1.2.76.45.vultr.example.com", "45.76.2.1"},
        {"instance-20230101-1234.vcn.example.com", "140.238.1.2"},
        {"node12.cluster.hoster.example.org", "203.0.113.9"},
        {"kvm4711.hoster.example.org", "203.0.113.9"},
        {"mail-192-0-2-1.provider.example.org", "192.0.2.1"},
        {"3221225985.provider.example.org", "192.0.2.1"},
        {"h-c0-00-02-01.provider.example.org", "192.0.2.1"},
        {"2001-0db8-0000-000a.provider.example.org", "2001:db8:0:a::1"},
        {"8.b.d.0.1.0.0.2.provider.example.org", "2001:db8::1"},
        {"x20010db80001.provider.example.org", "2001:db8:1::1"},
    };
    for (const Client& client : customers) {
        CAPTURE(client.name);
        CHECK_FALSE(pool(client.name, client.address).membership == Membership::member);
    }
}

TEST_CASE("a client is in no pool without a verified name below a public suffix") {
    for (const char* name : {"unknown", "UNKNOWN", "", "localhost", "."})
        CHECK(pool(name, "192.0.2.1").membership == Membership::unverified);
    for (const char* name :
         {"co.uk", "github.io", "192.0.2.1", "a..com", "ec2-3-1-1-2.compute-1.amazonaws.com"})
        CHECK(pool(name, "192.0.2.1") == Pool{Membership::no_organisation, {}});
}

TEST_CASE("letter case and a dot at the end of a name do not matter") {
    CHECK(pool("Mail-WR1-f41.Google.COM.", "209.85.221.41") == Pool{Membership::member, "google.com"});
    CHECK(pool("MAIL-192-0-2-1.Example.ORG.", "192.0.2.1") == Pool{Membership::holds_address, "example.org"});
}

TEST_CASE("a provider's own mail comes from its own machines, whatever their names") {
    const char* name = "static-relay.nyc.provider.com";
    CHECK(pool(name, "192.0.2.1", "else.example").membership == Membership::customer_by_shape);
    for (const char* domain :
         {"provider.com", "Provider.com", "mail.provider.com", "provider.net", "provider.co.uk"})
        CHECK(pool(name, "192.0.2.1", domain) == Pool{Membership::member, "provider.com"});
    for (const char* domain : {"", "-undef-", "com", "provider.com.example.org", "notprovider.com"})
        CHECK(pool(name, "192.0.2.1", domain).membership == Membership::customer_by_shape);
}

TEST_CASE("the address in a name keeps a client apart in its provider's own mail too") {
    CHECK(pool("dsl-192-0-2-1.provider.com", "192.0.2.1", "provider.com").membership ==
          Membership::holds_address);
    CHECK(pool("c-2-1.provider.com", "192.0.2.1", "provider.com").membership == Membership::holds_address);
}

TEST_CASE("two octets of the address are those of a customer, but of a server's name") {
    CHECK(pool("h-2-1.example.org", "192.0.2.1").membership == Membership::holds_address);
    CHECK(pool("mta-2-1.example.org", "192.0.2.1").membership == Membership::member);
    CHECK(pool("m0163.163.com", "192.0.2.163").membership == Membership::member);
    CHECK(pool("relay1.example.org", "192.0.2.1").membership == Membership::member);
}

TEST_CASE("the cache keeps clients apart, whatever was asked before and whoever sends") {
    const PoolFinder finder(shipped());
    const Address one = parse_address("192.0.2.1").value(), other = parse_address("198.51.100.7").value();
    for (int round = 0; round < 3; ++round) {
        CHECK(finder.pool_of("mail-192-0-2-1.provider.com", one, "").membership == Membership::holds_address);
        CHECK(finder.pool_of("mail-192-0-2-1.provider.com", other, "").membership == Membership::member);
        CHECK(finder.pool_of("static-relay.nyc.provider.com", one, "provider.net").membership ==
              Membership::member);
        CHECK(finder.pool_of("static-relay.nyc.provider.com", one, "else.example").membership ==
              Membership::customer_by_shape);
        CHECK(finder.pool_of("unknown", one, "").membership == Membership::unverified);
        CHECK(finder.pool_of("", Address{}, "").membership == Membership::unverified);
    }
    for (int i = 0; i < 5000; ++i) {
        const std::string domain = "d" + std::to_string(i) + ".example";
        CHECK(finder.pool_of("mx." + domain, one, "").organisation == domain);
    }
}

TEST_CASE("where the patterns' files are missing, servers are not known and the shipped customers are") {
    const PoolFiles files = read_pool_rules("/nonexistent", "");
    REQUIRE(files.problems.size() == 1);
    CHECK_THAT(files.problems[0].text, Catch::Contains("/nonexistent/pool_customers.regexp") &&
                                           Catch::Contains("the expression that is shipped counts"));
    CHECK_FALSE(files.problems[0].is_error);
    const Address address = parse_address("192.0.2.1").value();
    CHECK(pool_of(files.rules, "mta-2-1.example.org", address, "").membership == Membership::holds_address);
    CHECK(pool_of(files.rules, "vps-4711.example.org", address, "").membership ==
          Membership::customer_by_shape);
    CHECK(pool_of(files.rules, "mx.example.org", address, "").membership == Membership::member);
}

TEST_CASE("a pool's identity fits the column, and no two domains share one") {
    CHECK(pool_identity("google.com") == "@google.com");
    CHECK(pool_identity("abcdefghijklmnopqrstuvwxyz-0123456.org") ==
          "@abcdefghijklmnopqrstuvwxyz-0123456.org");
    const std::string one = pool_identity("abcdefghijklmnopqrstuvwxyz-01234567.org");
    CHECK(one.size() == 39);
    CHECK_THAT(one, Catch::StartsWith("@abcdefghijklmnopq#"));
    CHECK(one == pool_identity("abcdefghijklmnopqrstuvwxyz-01234567.org"));
    CHECK(one != pool_identity("abcdefghijklmnopqrstuvwxyz-01234568.org"));
    const sqlgrey::base::KeyedHash hash("a key that is long enough");
    CHECK(hashed_identity(hash, one) == "@" + hash.of("client", one));
    CHECK(hashed_identity(hash, "192.0.2") == hash.of("client", "192.0.2"));
}

TEST_CASE("the network that is remembered as a pool's is a /24, of IPv6 a /64") {
    CHECK(pool_network(parse_address("192.0.2.1").value()) == "192.0.2");
    CHECK(pool_network(parse_address("2001:db8::1").value()) == "2001:0db8:0000:0000");
}
