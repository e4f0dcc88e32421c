#include "sqlgrey/net/identity.hpp"

#include <random>

#include <catch2/catch.hpp>

using namespace sqlgrey::net;

namespace {

SmartPatterns patterns(const std::string& smtp_server, const std::string& dyn_fqdn) {
    return {Pattern(smtp_server, LetterCase::ignored), Pattern(dyn_fqdn, LetterCase::ignored)};
}

std::string identity(GreyMethod method, const std::string& text, std::string_view name,
                     const SmartPatterns& p = {}) {
    const auto address = parse_address(text);
    REQUIRE(address);
    return client_identity({method, p}, text, *address, name);
}

std::string smart(const std::string& text, std::string_view name, const SmartPatterns& p = {}) {
    return identity(GreyMethod::smart, text, name, p);
}

}  // namespace

TEST_CASE("full gives the address as it was sent") {
    CHECK(identity(GreyMethod::full, "192.0.2.21", "mail.example.org") == "192.0.2.21");
    CHECK(identity(GreyMethod::full, "2001:DB8::1", "unknown") == "2001:DB8::1");
}

TEST_CASE("classc gives the network of an IPv4 address, whatever the name") {
    CHECK(identity(GreyMethod::classc, "192.0.2.21", "21.pool.example.org") == "192.0.2");
    CHECK(identity(GreyMethod::classc, "192.0.2.21", "unknown") == "192.0.2");
}

TEST_CASE("an IPv6 address is its /64 if it contains a hardware address, otherwise the whole address") {
    const auto method = GENERATE(GreyMethod::classc, GreyMethod::smart);
    CHECK(identity(method, "2001:db8:0:a:211:22ff:fe33:4455", "host.example.org") == "2001:0db8:0000:000a");
    CHECK(identity(method, "2001:db8::1", "host.example.org") == "2001:0db8:0000:0000:0000:0000:0000:0001");
    CHECK(identity(method, "fe80::211:22ff:fe33:4455", "h.example.org") ==
          "fe80:0000:0000:0000:0211:22ff:fe33:4455");
    CHECK(identity(method, "::1", "localhost") == "0000:0000:0000:0000:0000:0000:0000:0001");
}

TEST_CASE("prefix gives the network of the configured length, whatever the name") {
    const auto name = GENERATE(as<std::string>{}, "unknown", "21.pool.example.org", "mail.example.org", "");
    CAPTURE(name);
    const IdentityRules by_default{GreyMethod::prefix, patterns(".", ".")};
    const auto given = [&](const IdentityRules& rules, const std::string& text) {
        return client_identity(rules, text, parse_address(text).value(), name);
    };
    CHECK(given(by_default, "192.0.2.21") == "192.0.2");
    CHECK(given(by_default, "2001:DB8:0:A:1::1") == "2001:0db8:0000:000a");
    const IdentityRules narrow{GreyMethod::prefix, {}, 32, 128};
    CHECK(given(narrow, "192.0.2.21") == "192.0.2.21");
    CHECK(given(narrow, "2001:DB8::1") == "2001:0db8:0000:0000:0000:0000:0000:0001");
    const IdentityRules wide{GreyMethod::prefix, {}, 20, 48};
    CHECK(given(wide, "192.0.18.21") == "192.0.16.0/20");
    CHECK(given(wide, "2001:db8:ab:cd::1") == "2001:0db8:00ab");
}

TEST_CASE("smart gives the address as sent for a client without a name") {
    const SmartPatterns all = patterns(".", ".");
    CHECK(smart("192.0.2.21", "unknown", all) == "192.0.2.21");
    CHECK(smart("2001:db8::1", "unknown", all) == "2001:db8::1");
    CHECK(smart("192.0.2.21", "Unknown") == "192.0.2");
}

TEST_CASE("smart looks at the mail server's pattern, then the last byte, then the pool's pattern") {
    const SmartPatterns p = patterns("^mail", "dyn");
    CHECK(smart("192.0.2.21", "mail21.dyn.example.org", p) == "192.0.2");
    CHECK(smart("192.0.2.21", "MAIL-21.dyn.example.org", p) == "192.0.2");
    CHECK(smart("192.0.2.21", "host-21.example.org", p) == "192.0.2.21");
    CHECK(smart("192.0.2.21", "a.DYN.example.org", p) == "192.0.2.21");
    CHECK(smart("192.0.2.21", "a.example.org", p) == "192.0.2");
    CHECK(smart("192.0.2.21", "", p) == "192.0.2");
}

TEST_CASE("without patterns no name matches them") {
    CHECK(smart("192.0.2.21", "mail.dyn.example.org") == "192.0.2");
    CHECK(smart("192.0.2.21", "mail-21.dyn.example.org") == "192.0.2.21");
}

TEST_CASE("a name contains the last byte in the forms that pools use") {
    const auto name = GENERATE(
        as<std::string>{}, "21.example.org", "21-2-0-192.example.org", "21_a.example.org", "a.21.example.org",
        "a-21-b.org", "a_21_b.org", "srv121.example.org", "x21.example.org", "X21.example.org", "1x21.org",
        "a.0021.org", "021.example.org", "c21.org", "cm21.org", "gv21.org", "h21.org", "ip21.org",
        "host21.org", "m21.org", "p21.org", "pa21.org", "pc21.org", "pu21.org", "HOST21.org", "a-ip021.org",
        "5pc21.org", "a.host-21.org", "foo21.bar.21.org", "2121.org", "a021-b");
    CAPTURE(name);
    CHECK(smart("192.0.2.21", name) == "192.0.2.21");
}

TEST_CASE("other forms of the last byte do not count") {
    const auto name = GENERATE(as<std::string>{}, "a.example.org", "srv21.example.org", "a.21x.org", "a.21",
                               "21", "a.210.org", "a.2.1.org", "ahost21.org", "px21x.org", "pb21.org",
                               "cmm21.org", "a21.org", "21a.org", "a/21.org", "hostip21.org", "");
    CAPTURE(name);
    CHECK(smart("192.0.2.21", name) == "192.0.2");
}

TEST_CASE("a last byte of zero or of one digit follows the same rule") {
    CHECK(smart("192.0.2.0", "a-0.example.org") == "192.0.2.0");
    CHECK(smart("192.0.2.0", "a-00.example.org") == "192.0.2.0");
    CHECK(smart("192.0.2.0", "a0.example.org") == "192.0.2");
    CHECK(smart("192.0.2.5", "host15.example.org") == "192.0.2.5");
    CHECK(smart("192.0.2.5", "host51.example.org") == "192.0.2");
}

TEST_CASE("the last byte is found as by a regular expression of the same meaning") {
    std::mt19937 random(20261122);
    const std::vector<std::string> pieces{"21", "2",    "1", "0", "00", "c",  "cm",  "gv", "h",
                                          "ip", "host", "m", "p", "pa", "pc", "pu",  "X",  "x",
                                          "a",  ".org", ".", "-", "_",  "/",  "HOST"};
    const Pattern rule("(^|[-0-9._x])(c|cm|gv|h|host|ip|m|p|pa|pc|pu)?0*21[-._]", LetterCase::ignored);
    for (int round = 0; round < 20000; ++round) {
        std::string name;
        for (auto count = random() % 7; count > 0; --count) name += pieces[random() % pieces.size()];
        CAPTURE(name);
        CHECK(smart("192.0.2.21", name) == (rule.found_in(name) ? "192.0.2.21" : "192.0.2"));
    }
}

TEST_CASE(
    "a client looks dynamic without a verified name, or with that of a dial-up line, whatever the method") {
    const SmartPatterns both = patterns("^mx", "dsl");
    const auto is_dynamic = [&](const std::string& address, std::string_view name) {
        return looks_dynamic(both, parse_address(address).value(), name);
    };
    CHECK(is_dynamic("192.0.2.21", "unknown"));
    CHECK(is_dynamic("192.0.2.21", ""));
    CHECK(is_dynamic("2001:db8::21", "unknown"));
    CHECK(is_dynamic("192.0.2.21", "host-21.example.org"));
    CHECK(is_dynamic("192.0.2.21", "a.dsl.example.org"));
    CHECK(is_dynamic("2001:db8::21", "a.dsl.example.org"));
    CHECK_FALSE(is_dynamic("192.0.2.21", "mx-21.example.org"));
    CHECK_FALSE(is_dynamic("192.0.2.21", "mail.example.org"));
    CHECK_FALSE(is_dynamic("2001:db8::21", "host-21.example.org"));
    CHECK_FALSE(looks_dynamic({}, parse_address("192.0.2.21").value(), "a.dsl.example.org"));
}
