// Records compiled to networks. Every network that is claimed must really pass.

#include "unit/spf_zone.hpp"

#include <random>

#include <catch2/catch.hpp>

namespace sqlgrey::spf {
namespace {

using net::RecordType;

const std::string domain = "example.org";

Zone zone_of(const std::string& record) {
    Zone zone;
    zone.add(domain, RecordType::txt, record);
    return zone;
}

std::vector<std::string> networks(const Zone& zone, bool v6 = false) {
    std::vector<std::string> texts;
    for (const Network& network : coverage(zone, domain, v6).networks) texts.push_back(text_of(network));
    return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("addresses, hosts, mail servers, includes and redirects are compiled") {
    Zone zone =
        zone_of("v=spf1 ip4:10.1.0.77/16 ip6:fd00::/48 a/24//64 mx include:one.example redirect=two.example");
    zone.add(domain, RecordType::a, "10.2.2.2");
    zone.add(domain, RecordType::aaaa, "fd01::5");
    zone.add(domain, RecordType::mx, "mx.example.org");
    zone.add("mx.example.org", RecordType::a, "10.3.3.3");
    zone.add("mx.example.org", RecordType::aaaa, "fd02::1");
    zone.add("one.example", RecordType::txt, "v=spf1 ip4:10.4.0.0/20 -all");
    zone.add("two.example", RecordType::txt, "v=spf1 ip4:10.5.5.5 ip4:10.1.9.9 ~all");
    CHECK(networks(zone) == Texts{"10.1.0.0/16", "10.2.2.0/24", "10.3.3.3/32", "10.4.0.0/20", "10.5.5.5/32"});
    CHECK(networks(zone, true) == Texts{"fd00::/48", "fd01::/64", "fd02::1/128"});
    CHECK(covers(coverage(zone, domain), net::parse_address("10.2.2.200").value()));
    CHECK_FALSE(covers(coverage(zone, domain), net::parse_address("10.2.3.1").value()));
}

TEST_CASE("what is excluded before is not covered") {
    CHECK(networks(zone_of("v=spf1 -ip4:10.1.0.0/16 ip4:10.1.2.0/24 ip4:10.2.0.0/24 -all")) ==
          Texts{"10.2.0.0/24"});
    CHECK(networks(zone_of("v=spf1 ip4:10.1.2.0/24 -ip4:10.1.0.0/16 -all")) == Texts{"10.1.2.0/24"});
    const Coverage hole = coverage(zone_of("v=spf1 -ip4:10.1.2.3 ip4:10.1.2.0/24 -all"), domain);
    CHECK(hole.networks.empty());
    CHECK(hole.why_none.find("hole") != std::string::npos);
    Zone zone = zone_of("v=spf1 ?include:one.example ip4:10.4.1.1 ip4:10.5.5.5 -all");
    zone.add("one.example", RecordType::txt, "v=spf1 ip4:10.4.0.0/20 -all");
    CHECK(networks(zone) == Texts{"10.5.5.5/32"});
    // What an included record excludes goes on to the next term.
    zone = zone_of("v=spf1 include:one.example ip4:10.4.1.1 -all");
    zone.add("one.example", RecordType::txt, "v=spf1 -ip4:10.4.0.0/20 ip4:10.5.5.5 -all");
    CHECK(networks(zone) == Texts{"10.5.5.5/32", "10.4.1.1/32"});
}

TEST_CASE("terms that are no networks are left out, or prevent everything behind them") {
    CHECK(networks(zone_of("v=spf1 exists:%{i}.a.example ptr ip4:10.1.2.3 -all")) == Texts{"10.1.2.3/32"});
    for (const char* record : {"v=spf1 -exists:%{i}.a.example ip4:10.1.2.3", "v=spf1 ~ptr ip4:10.1.2.3",
                               "v=spf1 ?a:%{h} ip4:10.1.2.3"}) {
        const Coverage none = coverage(zone_of(record), domain);
        CHECK(none.networks.empty());
        CHECK(none.why_none.find("may exclude") != std::string::npos);
    }
    // Three lookups that may find nothing, or an include that may, are an error for some mails.
    for (const char* record : {"v=spf1 exists:%{i}.a.org exists:%{i}.b.org exists:%{i}.c.org ip4:10.1.2.3",
                               "v=spf1 include:%{l}.a.example ip4:10.1.2.3", "v=spf1 mx:%{h} ip4:10.1.2.3",
                               "v=spf1 ip4:10.1.2.3 redirect=%{l}.a.example"})
        CHECK(coverage(zone_of(record), domain).networks.empty());
    Zone zone = zone_of("v=spf1 -include:one.example ip4:10.1.2.3");
    zone.add("one.example", RecordType::txt, "v=spf1 exists:%{i}.a.example");
    CHECK(coverage(zone, domain).networks.empty());
}

TEST_CASE("records that cover too much cover nothing") {
    CHECK(networks(zone_of("v=spf1 ip4:10.0.0.0/10 -all")) == Texts{"10.0.0.0/10"});  // 2^22
    for (const char* record : {"v=spf1 +all", "v=spf1 ip4:10.0.0.0/9", "v=spf1 ip4:10.0.0.0/10 ip4:11.1.1.1",
                               "v=spf1 ip4:0.0.0.0/0", "v=spf1 ip4:10.1.2.3 ip4:192.0.2.7",
                               "v=spf1 ip4:192.0.0.0/16", "v=spf1 ip4:203.0.113.0/25"}) {
        INFO(record);
        const Coverage none = coverage(zone_of(record), domain);
        CHECK(none.networks.empty());
        CHECK_FALSE(none.why_none.empty());
    }
    for (const char* record :
         {"v=spf1 ip6:::/0", "v=spf1 ip6:2001::/16", "v=spf1 ip6:2001:db8:1::/48", "v=spf1 all"})
        CHECK(coverage(zone_of(record), domain, true).networks.empty());
    CHECK(networks(zone_of("v=spf1 ip6:fd00::/30"), true).size() == 1);
    CHECK(networks(zone_of("v=spf1 ip6:fd00::/29"), true).empty());
}

TEST_CASE("more than 500 networks are too many, and errors leave nothing") {
    std::string record = "v=spf1";
    for (int i = 0; i < 500; ++i)
        record += " ip4:10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250);
    CHECK(networks(zone_of(record)).size() == 500);
    CHECK(networks(zone_of(record + " ip4:10.9.9.9")).empty());
    Zone zone = zone_of("v=spf1 ip4:10.1.2.3 a:silent.example -all");
    zone.silent.insert("silent.example");
    for (const Zone& one : {zone, Zone{}, zone_of("v=spf1 ip4:10.1.2.3 moo"),
                            zone_of("v=spf1 ip4:10.1.2.3 include:example.org"),
                            zone_of("v=spf1 ip4:10.1.2.3 include:nothing.example")})
        CHECK_FALSE(coverage(one, domain).why_none.empty());
}

namespace {

// Records of three domains that include each other, with networks that overlap.
class RandomZones {
  public:
    Zone next() {
        Zone zone;
        for (int i = 0; i < 3; ++i) zone.add(name(i), RecordType::txt, record(i));
        zone.add("host.example.org", RecordType::a, "10.0.1.0");
        return zone;
    }

  private:
    static std::string name(int i) { return i == 0 ? domain : "d" + std::to_string(i) + ".example.org"; }
    int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
    std::string byte() { return std::to_string(below(2)); }

    std::string record(int i) {
        std::string text = "v=spf1";
        for (int terms = below(5); terms >= 0; --terms)
            text += std::string{" "} + "++++-~?"[below(7)] + term(i);
        if (i < 2 && below(4) == 0) return text + " redirect=" + name(i + 1);
        return text + (below(2) ? " -all" : "");
    }
    std::string term(int i) {
        if (below(4) > 0)
            return "ip4:10." + byte() + "." + byte() + "." + byte() + "/" + std::to_string(14 + below(19));
        if (i < 2) return "include:" + name(i + 1);
        return below(2) ? "a:host.example.org/30" : "exists:%{i}.example.org";
    }

    std::mt19937 random_{7208};
};

std::vector<net::Address> clients() {
    std::vector<net::Address> all;
    for (int bits = 0; bits < 16; ++bits)
        all.push_back(net::parse_address("10." + std::to_string(bits & 1) + "." +
                                         std::to_string(bits >> 1 & 1) + "." + std::to_string(bits >> 2))
                          .value());
    return all;
}

}  // namespace

TEST_CASE("every address that is covered passes, in random records") {
    RandomZones zones;
    int compiled = 0;
    for (int round = 0; round < 2000; ++round) {
        const Zone zone = zones.next();
        const Coverage networks = coverage(zone, domain);
        if (!networks.networks.empty()) ++compiled;
        for (const net::Address& client : clients()) {
            INFO(zone.records.at({domain, RecordType::txt}).front());
            if (!covers(networks, client)) continue;
            CHECK(check(zone, {client, "mx.example.org", "a@example.org"}).result.verdict == Verdict::pass);
        }
    }
    CHECK(compiled > 500);
}

}  // namespace sqlgrey::spf
