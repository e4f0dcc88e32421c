// The records of postgrey's two databases.
#include "sqlgrey/importer/postgrey.hpp"

#include <random>

#include <catch2/catch.hpp>

using namespace sqlgrey;
using namespace sqlgrey::importer;

namespace {

PostgreyRecord record(const std::string& key, const std::string& value) {
    return read_postgrey({key, value, 7});
}

// "sender|recipient", or the kind of record.
std::string parts(const std::string& behind_network) {
    const PostgreyRecord found = record("192.0.2.0/" + behind_network, "1000,1000");
    if (const auto* triplet = std::get_if<PostgreyTriplet>(&found))
        return triplet->sender + "|" + triplet->recipient;
    return std::holds_alternative<UnreadableRecord>(found) ? "unreadable" : "something else";
}

bool unreadable(const std::string& key, const std::string& value) {
    return record(key, value) == PostgreyRecord{UnreadableRecord{7}};
}

}  // namespace

TEST_CASE("a triplet: network, sender, recipient, first and last time") {
    const auto found = record("192.0.2.0/alice@example.org/bob@example.net", "1000,2000");
    REQUIRE(found ==
            PostgreyRecord{PostgreyTriplet{*net::parse_address("192.0.2.0"), false, "alice@example.org",
                                           "bob@example.net", base::at(1000), base::at(2000)}});
    const auto v6 = record("2001:db8:0:1:0:0:0:0/alice@example.org/bob@example.net", "1000,2000,host");
    REQUIRE(std::get<PostgreyTriplet>(v6).network == *net::parse_address("2001:db8:0:1::"));
}

TEST_CASE("with --lookup-by-host the key has the address and its length") {
    const auto host = record("192.0.2.10/32/alice@example.org/bob@example.net", "1000,2000");
    REQUIRE(host ==
            PostgreyRecord{PostgreyTriplet{*net::parse_address("192.0.2.10"), true, "alice@example.org",
                                           "bob@example.net", base::at(1000), base::at(2000)}});
    const auto v6 = record("2001:db8:0:0:0:0:1:2/128//bob@example.net", "1000,2000");
    REQUIRE(std::get<PostgreyTriplet>(v6).whole_address);
    REQUIRE(std::get<PostgreyTriplet>(v6).sender.empty());
    const auto other = record("2001:db8:0:1:0:0:0:0/32/a@example.org/bob@example.net", "1000,2000");
    REQUIRE(std::get<PostgreyTriplet>(other).sender == "32/a@example.org");
}

TEST_CASE("a client: address, count and last time") {
    REQUIRE(record("192.0.2.10", "5,2000") ==
            PostgreyRecord{PostgreyClient{*net::parse_address("192.0.2.10"), 5, base::at(2000)}});
    REQUIRE(record("2001:DB8:0:0:0:0:1:2", "5,2000") ==
            PostgreyRecord{PostgreyClient{*net::parse_address("2001:db8::1:2"), 5, base::at(2000)}});
}

TEST_CASE("the end of the sender, also with slashes in it") {
    REQUIRE(parts("alice@example.org/bob@example.net") == "alice@example.org|bob@example.net");
    REQUIRE(parts("/bob@example.net") == "|bob@example.net");
    REQUIRE(parts("/b/ob@example.net") == "|b/ob@example.net");
    REQUIRE(parts("root/bob@example.net") == "root|bob@example.net");
    REQUIRE(parts("root/postmaster") == "root|postmaster");
    REQUIRE(parts("alice@example.org/postmaster") == "alice@example.org|postmaster");
    REQUIRE(parts("a/b/c@example.org/bob@example.net") == "a/b/c@example.org|bob@example.net");
    REQUIRE(parts("/a@example.org/bob@example.net") == "/a@example.org|bob@example.net");
    REQUIRE(parts("a@example.org/b/ob@example.net") == "a@example.org|b/ob@example.net");
}

TEST_CASE("ambiguous keys are unreadable") {
    REQUIRE(parts("root/b/ob@example.net") == "unreadable");
    REQUIRE(parts("a@b@c/d@e/f") == "unreadable");
    REQUIRE(parts("a/b/c") == "unreadable");
    REQUIRE(parts("alice@example.org") == "unreadable");
    REQUIRE(parts("alice@example.org/") == "unreadable");
    REQUIRE(parts("") == "unreadable");
    REQUIRE(parts("/") == "unreadable");
}

TEST_CASE("hashes of --privacy are known as such") {
    const std::string sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    REQUIRE(record(sha1, "1000,2000") == PostgreyRecord{Hashed{}});
    REQUIRE(unreadable(sha1.substr(1), "1000,2000"));
}

TEST_CASE("values that are not two numbers in the right order") {
    const std::string key = "192.0.2.0/alice@example.org/bob@example.net";
    for (const char* value :
         {"", "1000", "1000,", ",1000", "a,b", "1000,b", "1000 ,2000", "-1,2000", "0,2000", "2000,1000",
          "1,99999999999999999999", "1e3,2000", "1000,999999999999"}) {
        INFO(value);
        REQUIRE(unreadable(key, value));
    }
    for (const char* value : {"", "5", "0,2000", "5,0", "-5,2000"}) {
        INFO(value);
        REQUIRE(unreadable("192.0.2.10", value));
    }
}

TEST_CASE("keys that are nothing of postgrey's") {
    for (const char* key :
         {"", "/", "//", "example.org", "192.0.2/a@b/c@d", "192.0.2.256/a@b/c@d", "UNKNOWN_KEY"}) {
        INFO(key);
        REQUIRE(unreadable(key, "1000,2000"));
    }
    REQUIRE(unreadable("192.0.2.0/" + std::string(5000, 'a') + "@example.org/bob@example.net", "1000,2000"));
    REQUIRE(unreadable(std::string("192.0.2.10\0", 11), "5,2000"));
}

TEST_CASE("a record of any bytes is survived") {
    std::minstd_rand random{2};
    const std::string alphabet = "192.0.2.0/@ab:,#\n\xff";
    for (int round = 0; round < 5000; ++round) {
        std::string key, value;
        for (unsigned i = random() % 40; i > 0; --i) key += alphabet[random() % alphabet.size()];
        for (unsigned i = random() % 12; i > 0; --i) value += alphabet[random() % alphabet.size()];
        const PostgreyRecord found = record(key, value);
        if (const auto* triplet = std::get_if<PostgreyTriplet>(&found))
            REQUIRE(triplet->first <= triplet->last);
    }
}
